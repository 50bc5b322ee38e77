import { defineProvider } from '../definition.ts'

export const microsoftTeamsOutgoing = defineProvider({
  id: 'microsoft-teams-outgoing',
  name: 'Microsoft Teams outgoing webhook',
  category: 'communication',
  docs: 'https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook',
  schemes: [
    {
      family: 'hmac',
      name: 'hmac-sha256',
      algorithm: 'sha256',
      key: { decode: 'base64' },
      signature: { header: 'Authorization', parse: { kind: 'prefix', prefix: 'HMAC ' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The security token that Teams shows once when the webhook is created: base64, and decoded before use.',
  setup: [
    'In Teams open the team, Manage team, Apps, and choose Create an outgoing webhook.',
    'Enter a name (people will mention it), the receive URL as callback URL and a description.',
    'Copy the security token from the dialog that follows; it is shown once.',
    'Mention the webhook by name in a channel of the team.',
  ],
  rotation:
    'The token does not expire and cannot be changed: create a second outgoing webhook, add its token here, and delete the first.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.type',
    tenant: 'body:$.channelData.tenant.id',
    subject: 'body:$.conversation.id',
    occurredAt: 'body:$.timestamp',
  },
  delivery: { success: '200 with a message as the answer, within 5 seconds', timeoutSeconds: 5, retries: 'none' },
  answers: {
    // What the channel shows as the webhook’s reply.
    accepted: { status: 200, contentType: 'application/json', body: '{"type":"message","text":"Received."}' },
  },
  pitfalls: [
    'The token is base64 and must be decoded before it is used as the key.',
    'People see the answer as a message in the channel; here it always says “Received.”.',
    'The signature holds no time: a captured request verifies as long as the webhook exists.',
  ],
  sample: {
    type: 'message',
    contentType: 'application/json; charset=utf-8',
    body: '{"type":"{{type}}","id":"{{id}}","timestamp":"{{iso}}","serviceUrl":"https://smba.trafficmanager.net/emea/","channelId":"msteams","from":{"id":"29:1","name":"Ada"},"conversation":{"isGroup":true,"id":"19:general@thread.skype"},"text":"<at>Postern</at> hello","channelData":{"teamsTeamId":"19:team@thread.skype","tenant":{"id":"72f988bf-0000-0000-0000-000000000000"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a message',
        headers: [['Authorization', 'HMAC sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [['Authorization', 'HMAC LT4Tnyz92UZgPLnrIJwY6zaKih8q9NKCSqoA2fGZB94=']],
        body: '{\n  "type": "message",\n  "text": "<at>Bot</at> Grüße 🚀 $& $1 \\u00e9\\/"\n}\n',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [['Authorization', 'HMAC sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-2"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'one space more',
        headers: [['Authorization', 'HMAC sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}} ',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'the text of the token as the key',
        headers: [['Authorization', 'HMAC +VhLerSEJJ56O8kJ0VOCT4cRUDL5cAlLYt8U2KSgxW0=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'signed with another token',
        headers: [['Authorization', 'HMAC WthFU7pbNIblIRrPUg+mCGl/OsuMYytvYHyWQlK6foo=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'no HMAC before it',
        headers: [['Authorization', 'sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'Bearer in place of HMAC',
        headers: [['Authorization', 'Bearer sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk=']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'hex in place of base64',
        headers: [['Authorization', 'HMAC b1cf7b72fd1af439b24898c494e46ccc59355de8f073347377dc04367ff8cc29']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'only the prefix',
        headers: [['Authorization', 'HMAC ']],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'no header',
        headers: [],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
      {
        why: 'the header twice',
        headers: [
          ['Authorization', 'HMAC sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk='],
          ['Authorization', 'HMAC sc97cv0a9DmySJjElORszFk1XejwczRzd9wENn/4zCk='],
        ],
        body: '{"type":"message","id":"1767225600000","channelData":{"tenant":{"id":"t-1"}}}',
        key: 'dGVhbXNfdGVzdF9zZWN1cml0eV90b2tlbl8zMmJ5dGU=',
      },
    ],
  },
})
