import { defineProvider } from '../definition.ts'

export const mailchimp = defineProvider({
  id: 'mailchimp',
  name: 'Mailchimp Marketing',
  category: 'marketing',
  docs: 'https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/',
  schemes: [
    {
      family: 'token',
      name: 'url-secret',
      token: { in: 'query', name: 'secret' },
      weakness: 'Nothing is signed: whoever learns the URL can make any event, and URLs are logged in many places.',
    },
  ],
  keyForm: 'A long random text of yours, of letters and digits; it stands in the URL after `?secret=`.',
  setup: [
    'Make up a random text of letters and digits, 32 characters or more, and give it to the integration as its key.',
    'In Mailchimp open the audience, Settings, Webhooks, and create a webhook with the receive URL and `?secret=` with that text behind it.',
    'Mailchimp checks the URL with a GET request, which is answered here.',
    'Choose the updates and whether changes made through the API count.',
  ],
  rotation:
    'Add a new key here, change the URL of the webhook at Mailchimp to carry it, and end the old key when events arrive under the new one.',
  payload: [{ kind: 'form' }],
  methods: ['POST'],
  // No event has an id of its own: `data[id]` is the member, so that the body is the identity.
  event: { type: 'form:type', tenant: 'form:data[list_id]', subject: 'form:data[id]' },
  handshakes: [{ name: 'get', when: { methods: ['GET'] }, signed: false, respond: { status: 200 } }],
  delivery: { success: '200', retries: 'with growing pauses; how many is not documented' },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'There is no signature. Keep the URL out of logs and read the member again before a decision of weight.',
    'Nested values come as data[name] fields.',
    'Two events with the same body, within the same second, count as one.',
  ],
  sample: {
    type: 'subscribe',
    contentType: 'application/x-www-form-urlencoded',
    body: 'type={{type}}&fired_at={{iso}}&data%5Bid%5D={{id}}&data%5Blist_id%5D=a6b5da1054&data%5Bemail%5D=api%40example.com&data%5Bemail_type%5D=html',
  },
  vectors: {
    accepted: [
      {
        why: 'the secret in the URL',
        url: 'https://hooks.example.com/in/1?secret=mailchimp_test_url_secret',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'beside other parameters, with a body beyond ASCII',
        url: 'https://hooks.example.com/in/1?a=1&secret=mailchimp_test_url_secret',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054&data%5Bmerges%5D%5BFNAME%5D=J%C3%BCrgen+%24%26',
        key: 'mailchimp_test_url_secret',
      },
    ],
    refused: [
      {
        why: 'another secret',
        url: 'https://hooks.example.com/in/1?secret=mailchimp_test_another',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'one character more',
        url: 'https://hooks.example.com/in/1?secret=mailchimp_test_url_secretx',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'one character less',
        url: 'https://hooks.example.com/in/1?secret=mailchimp_test_url_secre',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'an empty secret',
        url: 'https://hooks.example.com/in/1?secret=',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'no secret',
        url: 'https://hooks.example.com/in/1',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'under another name',
        url: 'https://hooks.example.com/in/1?token=mailchimp_test_url_secret',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'the secret in a header',
        url: 'https://hooks.example.com/in/1',
        headers: [['secret', 'mailchimp_test_url_secret']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'the secret in the form',
        url: 'https://hooks.example.com/in/1',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054&secret=mailchimp_test_url_secret',
        key: 'mailchimp_test_url_secret',
      },
      {
        why: 'two secrets, the right one second',
        url: 'https://hooks.example.com/in/1?secret=wrong&secret=mailchimp_test_url_secret',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'type=subscribe&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054',
        key: 'mailchimp_test_url_secret',
      },
    ],
  },
})
