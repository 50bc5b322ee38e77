import { defineProvider } from '../definition.ts'

export const netlify = defineProvider({
  id: 'netlify',
  name: 'Netlify',
  category: 'developer tools',
  docs: 'https://docs.netlify.com/site-deploys/notifications/#payload-signature',
  schemes: [
    {
      family: 'jwt',
      name: 'jws',
      token: { in: 'header', name: 'X-Webhook-Signature' },
      algorithms: ['HS256'],
      key: { decode: 'utf8' },
      claims: { issuers: ['netlify'], bodyHash: { claim: 'sha256', encoding: 'hex' } },
    },
  ],
  keyForm: 'The JWS secret token of the notification, as text.',
  setup: [
    'Open the project’s settings, then Notifications, then Add notification, then HTTP POST request.',
    'Choose the event and enter the URL of the integration.',
    'Fill in “JWS secret token” with a long random text: without it the request carries no signature.',
    'Paste the same text here as the key of the integration.',
  ],
  rotation: 'Add the new token here as a second key, change it in the notification, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A deploy keeps its id from start to end, and locking it changes neither id nor state.
  event: {
    id: 'body:$.id + body:$.state | body:$.id',
    type: 'header:X-Netlify-Event',
    tenant: 'body:$.site_id',
    subject: 'body:$.id',
    occurredAt: 'body:$.updated_at | body:$.created_at',
    dedupe: 'content',
  },
  delivery: { success: '2xx', retries: 'unknown; rely on none' },
  pitfalls: [
    'The token has no time in it: a captured request stays valid until the secret changes.',
    'Only HS256 is taken, whatever the token’s own header says.',
    'The name of the event is a header and not covered by the token.',
  ],
  sample: {
    type: 'deploy_created',
    contentType: 'application/json',
    body: '{"id":"{{id}}","site_id":"0d3a9d2f-ef94-4380-93df-27ee400e2048","state":"ready","name":"postern-sample","url":"https://postern-sample.netlify.app","branch":"main","context":"production","created_at":"{{iso}}","updated_at":"{{iso}}"}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSJ9.WOUyvoGt8ahyVQku-i6_WyiDWLPAc6LFL1JJRceUPUE',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiYjM2NzBmYmUyZDc2ZjUwNGUxODhhNjYwMDA4NGFmMjhmMmFlOThmYzczZTIyMmUzNWQ3ODdhYWJjZmY4ZWM5MyJ9.dCUvhT9s-8tcu0KbY7eaYaTKmENEJYVabz62gtmPwJg',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'netlify_test_jws_token_0123456789',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSJ9.WOUyvoGt8ahyVQku-i6_WyiDWLPAc6LFL1JJRceUPUE',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":2}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'a token for another body',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiYjM2NzBmYmUyZDc2ZjUwNGUxODhhNjYwMDA4NGFmMjhmMmFlOThmYzczZTIyMmUzNWQ3ODdhYWJjZmY4ZWM5MyJ9.dCUvhT9s-8tcu0KbY7eaYaTKmENEJYVabz62gtmPwJg',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'no hash of the body',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5In0.LZW62ybB5osY8rcc3HuDzeXK5nqKBDcKWbpJVWq0IQg',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'the hash in base64',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiblhGeU1QN2pVSXl2YzdQWFJLS1crNFd2eFdYTDVMcTUrcmFJRTJOYlR5ND0ifQ.1YXt0wEDPIP9FBQcjIRjLhj9EWSZtBeyKwgl3WGCnHk',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'another issuer',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJub3RpZnkiLCJzaGEyNTYiOiI5ZDcxNzIzMGZlZTM1MDhjYWY3M2IzZDc0NGEyOTZmYjg1YWZjNTY1Y2JlNGJhYjlmYWI2ODgxMzYzNWI0ZjJlIn0.o8UmsFkbVIPJCNyPqZfmaf2MDOZQ2p0Sow4x-UnlUmM',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'signed with another token',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSJ9.-xx3-SnaaAsTKaVhpGjXyVzaPL1zEHXoPNpySu_29Fk',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'the algorithm “none”',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSJ9.',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'HS512, which is not agreed on',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSJ9.qyvJSUPLp5BaQgB2YTnKMeDbYHZczhDkStWc3LFPBsIT_cSp-fJTAYk6xlmN3KnvzujdA_AIkQnzC-Pbbe4I6A',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'run out, though no end is usual',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          [
            'X-Webhook-Signature',
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiOWQ3MTcyMzBmZWUzNTA4Y2FmNzNiM2Q3NDRhMjk2ZmI4NWFmYzU2NWNiZTRiYWI5ZmFiNjg4MTM2MzViNGYyZSIsImV4cCI6MTc2NzIyMjAwMH0.btDLnWXnQsvbYQ0hpVK2_IZ8kKyZN6ZvgZDI4ryHUAU',
          ],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
        at: 1767225600,
      },
      {
        why: 'no token',
        headers: [['X-Netlify-Event', 'deploy_created']],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
      {
        why: 'an empty token',
        headers: [
          ['X-Netlify-Event', 'deploy_created'],
          ['X-Webhook-Signature', ''],
        ],
        body: '{"id":"5e0a","site_id":"0d3a","state":"ready","n":1}',
        key: 'netlify_test_jws_token_0123456789',
      },
    ],
  },
})
