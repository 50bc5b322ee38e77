import { defineProvider } from '../definition.ts'

export const strava = defineProvider({
  id: 'strava',
  name: 'Strava',
  category: 'social',
  docs: 'https://developers.strava.com/docs/webhooks/',
  schemes: [
    {
      family: 'token',
      name: 'url-secret',
      token: { in: 'query', name: 'token' },
      require: [{ kind: 'equals-setting', source: 'body:$.subscription_id', setting: 'subscriptionId' }],
      weakness: 'Strava signs nothing: whoever learns the URL can make any event, and URLs are logged in many places.',
    },
  ],
  keyForm: 'A long random text of yours, of letters and digits; it stands in the callback URL after `?token=`.',
  settings: [
    {
      name: 'verifyToken',
      what: 'A text of your choice, the verify_token of the subscription request.',
      example: 'STRAVA',
      required: true,
    },
    {
      name: 'subscriptionId',
      what: 'The id that Strava gives the subscription. It is known only after the URL was checked: enter 0 at first and the id afterwards. Events of any other subscription are refused.',
      example: '120475',
      required: true,
    },
  ],
  setup: [
    'Make up a random text as the key and another as verifyToken, and create the integration with subscriptionId 0.',
    'POST to https://www.strava.com/api/v3/push_subscriptions with client_id, client_secret, that verify_token, and as callback_url the receive URL with `?token=` and the key behind it.',
    'Strava checks the URL with a GET request, which is answered here, and returns an id: set it as subscriptionId.',
    'Read an activity again through the API before you act on an event about it.',
  ],
  rotation:
    'Add a new key here, delete the subscription and create it again with the new URL, set the new subscriptionId, and end the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // Times are in seconds and one activity may change twice within one: the body is the identity.
  event: {
    id: 'body:$.object_id + body:$.aspect_type + body:$.event_time',
    type: 'body:$.object_type + body:$.aspect_type',
    tenant: 'body:$.owner_id',
    subject: 'body:$.object_id',
    occurredAt: 'body:$.event_time',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'hub.challenge',
      when: { methods: ['GET'], match: { 'query:hub.mode': 'subscribe' } },
      signed: false,
      check: [{ value: { from: 'query:hub.verify_token' }, equals: { setting: 'verifyToken' } }],
      respond: { status: 200, json: { object: { 'hub.challenge': { from: 'query:hub.challenge' } } } },
      otherwise: { status: 403 },
    },
  ],
  delivery: { success: '200 within 2 seconds', timeoutSeconds: 2, retries: '3 attempts' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'Events are not signed. The URL and the subscription id are all that tells them from forgeries, so read the object again before a decision of weight.',
    'An app has one subscription for all its athletes.',
    'An update of an athlete with authorized false means that access was withdrawn.',
  ],
  sample: {
    type: 'activity.create',
    contentType: 'application/json',
    body: '{"aspect_type":"create","event_time":{{seconds}},"object_id":1360128428,"object_type":"activity","owner_id":134815,"subscription_id":120475,"updates":{"note":"{{id}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the secret in the URL and the right subscription',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'pretty-printed, with text beyond ASCII',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{\n  "subscription_id": 120475,\n  "updates": { "title": "Läufe $& 🚀" }\n}\n',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
    ],
    refused: [
      {
        why: 'another secret',
        url: 'https://hooks.example.com/in/1?token=strava_test_another',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'one character more',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_tokenx',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'an empty secret',
        url: 'https://hooks.example.com/in/1?token=',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'no secret',
        url: 'https://hooks.example.com/in/1',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'under another name',
        url: 'https://hooks.example.com/in/1?secret=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'the secret in a header',
        url: 'https://hooks.example.com/in/1',
        headers: [['token', 'strava_test_url_token']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'another subscription',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120476,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'no subscription in the body',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","aspect_type":"create"}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'the subscription is not set here',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'the body is not JSON',
        url: 'https://hooks.example.com/in/1?token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: 'subscription_id=120475',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
      {
        why: 'two secrets, the right one second',
        url: 'https://hooks.example.com/in/1?token=wrong&token=strava_test_url_token',
        headers: [['Content-Type', 'application/json']],
        body: '{"object_type":"activity","object_id":1360128428,"aspect_type":"create","owner_id":134815,"subscription_id":120475,"event_time":1767225600}',
        key: 'strava_test_url_token',
        settings: {
          subscriptionId: '120475',
          verifyToken: 'STRAVA',
        },
      },
    ],
  },
})
