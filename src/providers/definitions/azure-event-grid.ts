import { defineProvider } from '../definition.ts'

/** The published keys, with one made for these vectors. */
const KEYS: Readonly<Record<string, string>> = {
  'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/discovery/v2.0/keys':
    '{"keys":[{"kty":"RSA","n":"2O94NksUSafEo5Cvrp3qe5Pjk9kkVPeY0_gCvVYwwitjaL9pnR4yEwc0UJyjE_dE5V_4Dox8NzXxotm-ItiHInBTVl8mYbxcy9da5PUppLqpWFIvBsvqIXb__jz1vdhgh9KPDLkYt3qMEGsS4CuxDHxB95x-z3il9_8OATHqKHiWf8CZ946w5OAEnSChG1YHv4Gkvf96Mni35l5Ol1hzHe5W0I_krGOfKhO2-s7efvJvjzEnYWvEowNXxvvyp9iay30i0ZjtUwg5_GjfZaBg7EC9FpxV8pFC-p8G8amBprIxsWLH3TLkZoiAygZDmJ8vw-rhZfTUhxk6jh_U7REd5w","e":"AQAB","kid":"test-kid-1","alg":"RS256","use":"sig"}]}',
}

export const azureEventGrid = defineProvider({
  id: 'azure-event-grid',
  name: 'Azure Event Grid',
  category: 'cloud',
  docs: 'https://learn.microsoft.com/en-us/azure/event-grid/webhook-event-delivery',
  schemes: [
    {
      family: 'jwt',
      name: 'entra',
      token: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      algorithms: ['RS256'],
      key: {
        format: 'jwks-url',
        url: 'https://login.microsoftonline.com/{config:tenant}/discovery/v2.0/keys',
        pin: 'appId',
        pattern: '(?:api://)?[A-Za-z0-9][A-Za-z0-9._/-]{7,127}',
        example: '11111111-2222-4333-8444-555555555555',
      },
      claims: {
        required: ['exp', 'iss'],
        equals: {
          aud: 'pin',
          // Every tenant’s tokens are signed with the same keys.
          tid: { setting: 'tenant' },
          'azp | appid': { value: '4962773b-9cdb-44cf-a8bf-237846a00ab7' },
        },
      },
      weakness: 'The token does not cover the body: who sees one can send any event with it until it expires.',
    },
    {
      family: 'token',
      name: 'query-secret',
      token: { in: 'query', name: 'code' },
      keyForm:
        'The value of `code` in the endpoint URL. Generate it: at least 24 random characters that need no escaping.',
      weakness: 'The secret is part of the URL, ends up in logs, and covers nothing of the body.',
    },
    {
      family: 'token',
      name: 'header',
      token: { in: 'header', name: 'X-Webhook-Token', nameSetting: 'headerName' },
      keyForm: 'The value of the delivery property. Generate it: at least 24 random characters.',
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm:
    'The application id or id URI of the Entra application that protects the endpoint. It is no secret: tokens must be made out to it.',
  settings: [
    {
      name: 'tenant',
      what: 'The directory (tenant) id of that application, a GUID.',
      example: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      schemes: ['entra'],
      required: true,
    },
    {
      name: 'headerName',
      what: 'The header of the delivery property, where it is not X-Webhook-Token.',
      example: 'X-Webhook-Token',
      schemes: ['header'],
    },
  ],
  setup: [
    'Register an Entra application for the endpoint and give Event Grid’s service principal a role in it, as the documentation’s script does.',
    'Create the integration with the application id as its key and the tenant id as a setting.',
    'Create the event subscription with the endpoint type Web Hook and the public URL.',
    'Under Additional Features choose Use AAD authentication and enter tenant id and application id.',
    'The validation is answered by itself; the subscription is then created.',
  ],
  rotation:
    'With Entra there is no secret. For a token, add the new one as a second key, change the URL or the delivery property of the subscription, and retire the old key.',
  payload: [{ kind: 'json' }],
  methods: ['POST'],
  event: {
    id: 'body:$[0].id | body:$.id',
    type: 'body:$[0].eventType | body:$[0].type | body:$.type',
    tenant: 'body:$[0].topic | body:$[0].source | body:$.source',
    subject: 'body:$[0].subject | body:$.subject',
    occurredAt: 'body:$[0].eventTime | body:$[0].time | body:$.time',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'SubscriptionValidation',
      when: {
        methods: ['POST'],
        match: { 'header:aeg-event-type': 'SubscriptionValidation', 'body:$[0].data.validationCode': true },
      },
      signed: false,
      respond: { status: 200, json: { object: { validationResponse: { from: 'body:$[0].data.validationCode' } } } },
    },
    {
      name: 'abuse-protection',
      when: { methods: ['OPTIONS'], match: { 'header:WebHook-Request-Origin': true } },
      signed: false,
      check: [{ value: { from: 'header:WebHook-Request-Origin' }, equals: { text: 'eventgrid.azure.net' } }],
      respond: {
        status: 200,
        headers: {
          'WebHook-Allowed-Origin': { from: 'header:WebHook-Request-Origin' },
          'WebHook-Allowed-Rate': { text: '*' },
          Allow: { text: 'POST' },
        },
      },
    },
  ],
  delivery: { success: '200, 201, 202, 203 or 204', timeoutSeconds: 30, retries: '30 attempts within 24 hours' },
  pitfalls: [
    'The validation must be answered with exactly 200; 202 fails.',
    'validationUrl comes from the request and is never opened. Open it yourself within five minutes if the answer could not be given.',
    'Event Grid schema comes as a list, one event in it unless batching is on; CloudEvents schema as one object.',
    'CloudEvents ids are unique only together with their source.',
    'The tokens of all tenants have the same signing keys, so the tenant id is checked too.',
  ],
  sample: {
    type: 'Microsoft.Storage.BlobCreated',
    contentType: 'application/json; charset=utf-8',
    headers: [['aeg-event-type', 'Notification']],
    body: '[{"id":"{{id}}","topic":"/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/postern","subject":"/blobServices/default/containers/c/blobs/a.txt","eventType":"{{type}}","eventTime":"{{iso}}","data":{"api":"PutBlob","contentLength":1999},"dataVersion":"1","metadataVersion":"1"}]',
  },
  vectors: {
    accepted: [
      {
        why: 'a version 1 token',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.prrQaNzpMnVXhD2oK8W49XNpbvhoibjim7lXgHmVHCohCUI6JxclJS2jZRByAuFuJnTWy652j_41Q7c3DbEu9UfC63VH9oVDic0mOzw4YbmoiYCJ_m2KJLb3nvKY3OOxDNhnA7PG5TWjXjF1m3bLpiInSLwj9FH5t8iIkoI4Scj2oG02XaSMYhP4xN8dBTuHxCIT-m84cVXJE3nlOunaikQxCdj_qnrbY_lqYNuvGGjHe-u0fp1rjb1wxREeUu3nQ5crdFa2JRbyopR3vHprPWRU5-O3pA1ECmxYoBodhJ50qGdNrB8XUJM95vVKxU51N1Sfgi_eMIFu92cVVNZPaQ',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'a version 2 token, UTF-8 and `$&` in the body',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ubGluZS5jb20vNzJmOTg4YmYtODZmMS00MWFmLTkxYWItMmQ3Y2QwMTFkYjQ3L3YyLjAiLCJpYXQiOjE3NjcyMjU2MDAsIm5iZiI6MTc2NzIyNTYwMCwiZXhwIjoxNzY3MjI5MjAwLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDciLCJhenAiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjcifQ.JUQG_Bz7v0zbj7yq7ARQmlJD3xTKdcpmxKt2Zl_wFPqBfv38_tMygI60dvsIQCxtSQ-m6_HscRwkwCLW73ll4ODzF53D-UGCNyd33qEpcbaZGECtPyTeHvM_BKh37y6rmytv-M63yVoVaOiccSoiVilpHv61GMShSwzkf7nE2X_JFk8Qb2FPI1Ju8IlaOx3_U8UsN445ttZ14eeuCHZnyEzOyoCHIQUuPPCRbYHFTONdhkOgqwG9Z9BUfqZ2UWxLWMri1NQ3ewCahNsFTnApcnP3wQ9AqPad-GTrLl-tI8NotJPUBuZ_4TRmqvvHyw_Su37dAZbsPZ98xoFJQ3S-WQ',
          ],
        ],
        body: '[\n  {\n    "id": "e2",\n    "subject": "Grüße 🚀 $& $1"\n  }\n]\n',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'the right code in the URL',
        scheme: 'query-secret',
        url: 'https://hooks.example.com/in/1?code=eventgrid-test-token-000001',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'the right header',
        scheme: 'header',
        headers: [['X-Webhook-Token', 'eventgrid-test-token-000001']],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
    ],
    refused: [
      {
        why: 'made out to another application',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiI5OTk5OTk5OS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.LjnB0vsaP0OjFG8MtWKfMzreB8_GQKc3oxbh4f9L4BeNcA-cDlxy19McWchAeDRXRxzibNe3DT7AMdox6ckcCR--Na29qln5BlMMUvSJzmj8HLEUq5obklwZQEBJSFhSGEDohPyCt2JQQ9HQtfw-GZZVl4TL--uICQHzIn_7CHY39LZYILzVKNcMaYpKDggwmFppdEnL7nAXDBVnHumPjKFdaCjTLGuxo_quuZ-2AOdH2jugBHLOk1TK9mFXbMxQD_2vtTbsrKLb-Lgs0oxrDcjrMab7m906YKb17QwLSA4UcahbhhBIm8H8FIkH1YKexyd4_cBAYBwbDjVtonhHEQ',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'asked for by another application than Event Grid',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.yYpJt5Gcon04Angk3r0-4jQq1hi_AnIFbNZZCQxqEKcWWp4wBjzAmFvbx-3_nlZWkkD-S-LQ8f5zrYgLntuLYJw53TvbFuM4BT557C33DmfJ8Fy6nMtsnA7IrTJGQedEXS5nJ8aiEmt9K7e5bmcfFkV3IEHTZ6o8CIa8U-9Oq7eSEs3T3wBBgzXxa_bWWy1Tj7TKDOeT_CEhwG4d_t6ZvHozLhB4KPODOOu2_wZiOgbDx_KssKcmVJLTAkEN_V6LlUcJvd_SrqCF_mfBs3oOlWRC04jyB43aUvJp10S6TONLwYrHLZpzjmU5z8UpOZ6Knui1bLdhkw2Yn4ejjC2BXg',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another tenant, under the keys that all share',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI5OTk5OTk5OS04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.i2kVsPH1il0G_Pc9CEurBFvhOAvgkZqEa0B8j5XkK2G_DrZBbSNx_4sqj2EVuO88TnWQEQUx-9CVek7A-7obbeO4a4ODvKV9D05lH6bgub9yKbLAA2COb-VuOrb6ex4WBYKFCJ8yYQZlcFH5kW3MHF8GWLTgGZuJrVByV2FjG8jAS4rp88qAoflGiJRmXGmEt6UYoU-HiOyABlxGWQqYmEeiUmZNPodt-qo6A93sgFL4cgCbkQVL4EXi7yd0FxR1TcKcbH_q6fdAonvN2MkiT-gJrOApjZEDbkIkVSIGKwlKdosxmPocGIZF7VLbtOl2LkXVhMhdxF-Ru4ZEzxh4GA',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'no tenant in the token',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjcifQ.QY7u60X33Rv9cPtGiWij5CNLKF8mr7Qcaibr0jZLMxUdYWXKhFhtG0FGtxjaXSWIuJjNBnRXthRxRvc7kaZWs4KsZlSCEYYdoQ3qnHqIqYZB5npSbz4HgmZjhcuYFY9fp7JH3wyIOlCGtVSh4gOe5WNHggs7TACF8XoGeqrcCWHJCbbxtzzuhqzoU4lmHtoM8N6XNQUqxyOguhw79tDOcIa0O1T58Tl977KR7EPmJIrtfvUpwEr6AiUMJWkLBFvUSLcNLxT8afuvrZXueIUZMU4BIK5HJAAUARSAMQrNXHPnzakJP5INr3WQWbJE1cAocKyE7JdDocxnxwKdim2Gvg',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'expired',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.prrQaNzpMnVXhD2oK8W49XNpbvhoibjim7lXgHmVHCohCUI6JxclJS2jZRByAuFuJnTWy652j_41Q7c3DbEu9UfC63VH9oVDic0mOzw4YbmoiYCJ_m2KJLb3nvKY3OOxDNhnA7PG5TWjXjF1m3bLpiInSLwj9FH5t8iIkoI4Scj2oG02XaSMYhP4xN8dBTuHxCIT-m84cVXJE3nlOunaikQxCdj_qnrbY_lqYNuvGGjHe-u0fp1rjb1wxREeUu3nQ5crdFa2JRbyopR3vHprPWRU5-O3pA1ECmxYoBodhJ50qGdNrB8XUJM95vVKxU51N1Sfgi_eMIFu92cVVNZPaQ',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767229201,
      },
      {
        why: 'not valid yet',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjYyMDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.0fq0rBFMdGYCie7719AgbWufQL0_w_9_ESs9IAnzDG8aCrOmV3oe0EjEMxdtlR5PH5xxxfm7hHLUmu_xve93rKij6W8FazTobCbGOWNOJs6w2DdqPivhueZX3PM4dJ51UHIH6u0T05UMevgy7mByHYI098z0nbl5jQlLCOaRTEjCqyz02l3ptBGSK6hT4X9bO2egR--Dh-tPaobi42PB7VQEiR2Hq5QCraAJZY2vxf4OKHgydfrcJQbqp9aKU3rYDMYU7T8fncp5lpWcJQgkhKkA5479MCPnP3cU6jOZeGFUCJXrkRNQtAg4M7mzihZRCQLCTysfeY7d7ZdmEX8pkg',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another key under the same id',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.TjtmyBKXa34nwuW3r8eyPDxhTWULrU-GVjujdkts8KtVgedL3PFl_C6fGGhaHmJdEZLe2w55abQi--cvM7v88uFQa2P-ZsKgPDgkw5Eh_gdQwmDD8qY8E1_a4gFm42QfVGjhNYInmCuTXYtRttfeImmio2GGc-U2HVvUUlE3cb_N5p6yS9F6hB5QTenjsZQSdW2qDD6LY8sPLDpBJbSEwV9M2guVtRxkQfoCa4akp_j9zyJJuq6o_0K1Mp9QQzy5P84ZzCw41Vzr-fPob3sPQ6sWQwVsA5xAlxW-fCSTUGIYtRNfYi4ez0P7OmUyYnDU7WfXWuLli3iySTgEe6cUvQ',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'alg none',
        headers: [
          [
            'Authorization',
            'Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoidGVzdC1raWQtMSJ9.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcvIiwiaWF0IjoxNzY3MjI1NjAwLCJuYmYiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiI0OTYyNzczYi05Y2RiLTQ0Y2YtYThiZi0yMzc4NDZhMDBhYjciLCJ0aWQiOiI3MmY5ODhiZi04NmYxLTQxYWYtOTFhYi0yZDdjZDAxMWRiNDcifQ.',
          ],
        ],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'no header',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: '11111111-2222-4333-8444-555555555555',
        settings: { tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'another code',
        scheme: 'query-secret',
        url: 'https://hooks.example.com/in/1?code=wrong',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'no code',
        scheme: 'query-secret',
        url: 'https://hooks.example.com/in/1',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'an empty code',
        scheme: 'query-secret',
        url: 'https://hooks.example.com/in/1?code=',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'two codes',
        scheme: 'query-secret',
        url: 'https://hooks.example.com/in/1?code=wrong&code=eventgrid-test-token-000001',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'another header value',
        scheme: 'header',
        headers: [['X-Webhook-Token', 'eventgrid-test-token-000001x']],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
      {
        why: 'the token only in the URL',
        scheme: 'header',
        url: 'https://hooks.example.com/in/1?code=eventgrid-test-token-000001',
        headers: [],
        body: '[{"id":"e1","eventType":"Microsoft.Storage.BlobCreated"}]',
        key: 'eventgrid-test-token-000001',
      },
    ],
  },
})
