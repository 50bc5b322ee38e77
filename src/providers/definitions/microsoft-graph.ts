import { defineProvider } from '../definition.ts'

/** The published keys, with one made for these vectors. */
const KEYS: Readonly<Record<string, string>> = {
  'https://login.microsoftonline.com/common/discovery/v2.0/keys':
    '{"keys":[{"kty":"RSA","n":"2O94NksUSafEo5Cvrp3qe5Pjk9kkVPeY0_gCvVYwwitjaL9pnR4yEwc0UJyjE_dE5V_4Dox8NzXxotm-ItiHInBTVl8mYbxcy9da5PUppLqpWFIvBsvqIXb__jz1vdhgh9KPDLkYt3qMEGsS4CuxDHxB95x-z3il9_8OATHqKHiWf8CZ946w5OAEnSChG1YHv4Gkvf96Mni35l5Ol1hzHe5W0I_krGOfKhO2-s7efvJvjzEnYWvEowNXxvvyp9iay30i0ZjtUwg5_GjfZaBg7EC9FpxV8pFC-p8G8amBprIxsWLH3TLkZoiAygZDmJ8vw-rhZfTUhxk6jh_U7REd5w","e":"AQAB","kid":"test-kid-1","alg":"RS256","use":"sig"}]}',
}

export const microsoftGraph = defineProvider({
  id: 'microsoft-graph',
  name: 'Microsoft Graph',
  category: 'cloud',
  docs: 'https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks',
  schemes: [
    {
      family: 'token',
      name: 'client-state',
      token: { in: 'body', path: '$.value[*].clientState' },
      weakness: 'A shared value inside the body. It covers nothing, and it is kept wherever the body is kept.',
    },
    {
      family: 'jwt',
      name: 'rich',
      token: { in: 'body', path: '$.validationTokens[*]' },
      algorithms: ['RS256'],
      key: {
        format: 'jwks-url',
        url: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
        pin: 'appId',
        pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
        example: '11111111-2222-4333-8444-555555555555',
      },
      claims: {
        required: ['exp', 'tid'],
        equals: { aud: 'pin', 'azp | appid': { value: '0bf30f3b-4a52-48df-9a82-234910c4a086' } },
      },
      keyForm:
        'The application (client) id of the app that owns the subscription, a GUID in lower case. It is no secret: tokens must be made out to it.',
      weakness:
        'The tokens do not cover the notifications beside them; each encrypted resource has a signature of its own.',
    },
  ],
  keyForm:
    'The clientState given at creation of the subscription, 1 to 128 characters. Generate it: at least 24 random ones.',
  setup: [
    'Generate a long random clientState and create the integration with it.',
    'Create the subscription: POST https://graph.microsoft.com/v1.0/subscriptions with changeType, resource, expirationDateTime, clientState, and the public URL as notificationUrl and lifecycleNotificationUrl.',
    'Graph calls the URL with a validationToken, which is answered here within its 10 seconds.',
    'Renew the subscription before it expires. Most live a few days at the longest.',
    'With resource data included, use the scheme `rich` with the application id as its key.',
  ],
  rotation:
    'clientState is fixed for the life of a subscription: add the new value as a second key, create new subscriptions with it, delete the old ones and retire the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.value[0].id | body:$.value[0].subscriptionId + body:$.value[0].resource + body:$.value[0].changeType',
    type: 'body:$.value[0].changeType | body:$.value[0].lifecycleEvent',
    tenant: 'body:$.value[0].tenantId',
    subject: 'body:$.value[0].resource',
    dedupe: 'content',
    repeatsAfterSeconds: 60,
  },
  handshakes: [
    {
      name: 'validationToken',
      when: { methods: ['POST'], match: { 'query:validationToken': true } },
      signed: false,
      respond: { status: 200, text: { from: 'query:validationToken' } },
    },
  ],
  delivery: {
    success: '2xx; 202 is advised',
    timeoutSeconds: 3,
    retries: 'for 4 hours, with growing pauses',
    addresses: 'https://learn.microsoft.com/en-us/microsoft-365/enterprise/additional-office365-ip-addresses-and-urls',
  },
  answers: { accepted: { status: 202 } },
  pitfalls: [
    'Every notification of a batch must carry the right clientState; an empty batch proves nothing and is refused.',
    'clientState is in every body: redact it before bodies go anywhere else.',
    'The validation token comes URL-encoded and goes back decoded, as text/plain.',
    'Encrypted resource data has a dataSignature: check it before decrypting.',
    'Two changes of one resource can give the same bytes. Treat a notification as a hint and read the resource.',
  ],
  sample: {
    type: 'updated',
    contentType: 'application/json; charset=utf-8',
    body: '{"value":[{"id":"{{id}}","subscriptionId":"sub-1","subscriptionExpirationDateTime":"{{iso}}","clientState":"postern-sample-state","changeType":"{{type}}","resource":"Users/u1/Messages/m1","tenantId":"ten-1","resourceData":{"@odata.type":"#Microsoft.Graph.Message","id":"m1"}}],"validationTokens":["sample"]}',
  },
  vectors: {
    accepted: [
      {
        why: 'one notification',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":"graph-test-client-state-0001","changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'two, pretty-printed, with UTF-8 and `$&`',
        headers: [],
        body: '{\n  "value": [\n    {\n      "subscriptionId": "s1",\n      "clientState": "graph-test-client-state-0001",\n      "changeType": "updated"\n    },\n    {\n      "subscriptionId": "s1",\n      "clientState": "graph-test-client-state-0001",\n      "changeType": "updated",\n      "resource": "Grüße 🚀 $& $1"\n    }\n  ]\n}\n',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'rich: one token for each tenant',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9.JpK7RAcwU3e3dw6p4bOT1SYBNkOrxgrWg6fYrTSIWJudRF6s75P1FEncgN5KmFwd6UaOqIS2McfjzBb3tY29HJYidv_Ov2Nq51LninG_RNAio4u6vX9hebMpahbm3ConEpbC_NgQPFfgU3f4n6xNT83dVkHYbpUIlTIM1SkX_9NSBOeswHWr4eYtIUrF0AZ86UUrS8AxsmJfgS7DlQjNp5JZqUihP63uRNgUHs30Uwd5pEVhu_qTHVzCe2Xi1XnZDEp1yyXsfi95R_Z7vCnjUFOj2tormWHkoWmO78JC0rgKZtfIi-9WU5XjqjHdRJJOYyyelOj1OPYZPSGF1b6ReA","eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwidGlkIjoidDIiLCJhenAiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYifQ.M7OKFTYF0v6KnKHUTcNxloqhfA6C5VFnIeHM_MM6m09W6g3AlpHI2Osww5edh0ogXgL5xjgRmvTXZuhH6aUr-yGp27GeKsMnPCEGjRyaP6IZsM4ocyWTeCr4aMO2bS0l_66OdT7KuFLlTbtYmChiVyMHaCuTIFy3EjrpkjfkEH7pE42U_pjB-cL71HuN4lqodhXtjDRfw28ruDIZCPL2yG8lBUA9NSwIZOtXtyaXfHs6UHG45xqBs9ZObD4lyfOsOmPJkiHSV62ZTYrUKxZilr0DSYDqfp_bExfjAFl6k7_UE_S9NiKttoNa0LXbjim--yx6Fbh1sPuLYo6XgfVpPQ"]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
    ],
    refused: [
      {
        why: 'another value',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":"graph-test-client-state-0001x","changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'two, one of them wrong',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":"graph-test-client-state-0001","changeType":"updated"},{"subscriptionId":"s1","clientState":"wrong","changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'two, one without',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":"graph-test-client-state-0001","changeType":"updated"},{"subscriptionId":"s1","changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      { why: 'an empty batch', headers: [], body: '{"value":[]}', key: 'graph-test-client-state-0001' },
      {
        why: 'no batch',
        headers: [],
        body: '{"subscriptionId":"s1","clientState":"graph-test-client-state-0001","changeType":"updated"}',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'true in place of the text',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":true,"changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      {
        why: 'an empty text',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","clientState":"","changeType":"updated"}]}',
        key: 'graph-test-client-state-0001',
      },
      { why: 'an empty body', headers: [], body: '', key: 'graph-test-client-state-0001' },
      {
        why: 'rich: two tokens, one for another application',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9.JpK7RAcwU3e3dw6p4bOT1SYBNkOrxgrWg6fYrTSIWJudRF6s75P1FEncgN5KmFwd6UaOqIS2McfjzBb3tY29HJYidv_Ov2Nq51LninG_RNAio4u6vX9hebMpahbm3ConEpbC_NgQPFfgU3f4n6xNT83dVkHYbpUIlTIM1SkX_9NSBOeswHWr4eYtIUrF0AZ86UUrS8AxsmJfgS7DlQjNp5JZqUihP63uRNgUHs30Uwd5pEVhu_qTHVzCe2Xi1XnZDEp1yyXsfi95R_Z7vCnjUFOj2tormWHkoWmO78JC0rgKZtfIi-9WU5XjqjHdRJJOYyyelOj1OPYZPSGF1b6ReA","eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiI5OTk5OTk5OS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9.ZYZJfYUZJHebuG2-4gsVkBtutu0pTlMU_5qTJXVY6veyy_wMXFyMgNkUNT_RmXHnRCIRaSiTJ97lE7MdkjKRZ3evAaEuy33SIrimwdC3GOsfoDUNFjSGEByXZP2AK8DcbPTtnd51gHfdN0F9eOUDg3r_rvnjwp5w_C2b_HWEQex9BLkcAN_hHuLfAwPIHKrRp6hm4KAFjvZ1Xqm2FWfKGcZtIGCpcULk515EBFg_0iTCZTLVbZo9WA1U7N1yBZn3eAEWx6Z4PAitTgg2a3vquP4etnWE_t6l0pbntWn8ZcbAjfVi0O6lq13Fj6zijB6fOVrfYAGoDhNFUbYnTjZZrQ"]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'rich: not asked for by Graph',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJ0aWQiOiJ0MSJ9.nz7n8NsWRA7XFUi-ZwH0YHmqGN0GEDBGJbUFFQEgRvC5aIOyv1JIxniL4HwP16RdJJ9yvYRCW1SQHt4WsV-QbrFtu2UyXJeOaOGHBMFU16OEW6QBVnROuG0A3ZCXCHzyrnXdeAfanToYK-jsqTbPK8uo3ET26SF3Ot9NYTNbx3UXi0JIAPJBnVZOsgtcyuCUcwKq4-7C1IGL5NBXSmyolvWPF8xktuXDVgtY8nPcMm1rKLu09Cz4ObfE9vEweI2ooZg9QQz1uTgT_9YcmydvYvC30IfRE9StYQpveEWuaisVy8wui_kgAdYqKibSR9kFxfWlxx10RuVWWXUPbtQDYw"]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'rich: no tokens',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":[]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'rich: expired',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9.JpK7RAcwU3e3dw6p4bOT1SYBNkOrxgrWg6fYrTSIWJudRF6s75P1FEncgN5KmFwd6UaOqIS2McfjzBb3tY29HJYidv_Ov2Nq51LninG_RNAio4u6vX9hebMpahbm3ConEpbC_NgQPFfgU3f4n6xNT83dVkHYbpUIlTIM1SkX_9NSBOeswHWr4eYtIUrF0AZ86UUrS8AxsmJfgS7DlQjNp5JZqUihP63uRNgUHs30Uwd5pEVhu_qTHVzCe2Xi1XnZDEp1yyXsfi95R_Z7vCnjUFOj2tormWHkoWmO78JC0rgKZtfIi-9WU5XjqjHdRJJOYyyelOj1OPYZPSGF1b6ReA"]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767229201,
      },
      {
        why: 'rich: another key under the same id',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InRlc3Qta2lkLTEifQ.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9.lg9EZgwi04unpcBCku9M81xyUReROisPiOYd9Vdkxbuu7PzFRrLB9fDvCXM8ZfjbyzgEXo9X0juf6dJymTieabviA3w5NDkmXjyl5vGpkIrxrCqfZESRhlUkU6jfX3lPF829tE_6pi_J7l8v1Y9cproZw3OfqcnXcoBK2qiZOiMMbaUrmKncJAK87zpv7xyz3ExGZg0owPZ6szTDjQVXnYI46kGkj62WMVY0tugeflb49-gorJWPjKXmYRT5zT-cquvg-AsGacd6QaDWRUDShTk0eIXqHDQStbD86AQrdOKgeYmlbkpsBlWXnjKdh-nbEyD16rS3iN8uJvUIgEz72w"]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
      {
        why: 'rich: alg none',
        scheme: 'rich',
        headers: [],
        body: '{"value":[{"subscriptionId":"s1","changeType":"updated"}],"validationTokens":["eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoidGVzdC1raWQtMSJ9.eyJhdWQiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTUiLCJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC90MS8iLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMCwiYXBwaWQiOiIwYmYzMGYzYi00YTUyLTQ4ZGYtOWE4Mi0yMzQ5MTBjNGEwODYiLCJ0aWQiOiJ0MSJ9."]}',
        key: '11111111-2222-4333-8444-555555555555',
        remote: KEYS,
        at: 1767225605,
      },
    ],
  },
})
