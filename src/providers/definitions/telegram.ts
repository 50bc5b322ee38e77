import { defineProvider } from '../definition.ts'

export const telegram = defineProvider({
  id: 'telegram',
  name: 'Telegram Bot API',
  category: 'communication',
  docs: 'https://core.telegram.org/bots/api#setwebhook',
  schemes: [
    {
      family: 'token',
      name: 'secret-token',
      token: { in: 'header', name: 'X-Telegram-Bot-Api-Secret-Token' },
      weakness: 'The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The secret_token that you gave to setWebhook: 1 to 256 characters of A-Z, a-z, 0-9, _ and -.',
  setup: [
    'Make up a secret token, 32 characters or more of letters, digits, _ and -.',
    'Call setWebhook with the receive URL as url and that text as secret_token, under the token of your bot.',
    'Ask getWebhookInfo: last_error_message must be empty.',
  ],
  rotation:
    'Add the new token here, call setWebhook again with the same URL and the new secret_token, and end the old one when updates arrive under the new one.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // What kind of update it is stands in a member name and in no value.
  event: {
    id: 'body:$.update_id',
    type: 'member:$.message | member:$.edited_message | member:$.channel_post | member:$.edited_channel_post | member:$.callback_query | member:$.inline_query | member:$.chosen_inline_result | member:$.my_chat_member | member:$.chat_member | member:$.chat_join_request | member:$.message_reaction | member:$.poll | member:$.poll_answer | member:$.pre_checkout_query | member:$.shipping_query | text:update',
    subject:
      'body:$.message.chat.id | body:$.edited_message.chat.id | body:$.channel_post.chat.id | body:$.callback_query.from.id | body:$.inline_query.from.id',
    occurredAt: 'body:$.message.date | body:$.edited_message.edit_date | body:$.channel_post.date',
  },
  delivery: {
    success: '2xx',
    retries: 'a reasonable number, says Telegram',
    addresses: 'https://core.telegram.org/bots/webhooks',
  },
  pitfalls: [
    'update_id counts per bot: give each bot an integration of its own.',
    'Without secret_token the header is missing and every update is refused.',
    'Updates come from 149.154.160.0/20 and 91.108.4.0/22 only; a filter in front adds what the token cannot prove.',
    'getUpdates does not work while a webhook is set.',
  ],
  sample: {
    type: 'message',
    contentType: 'application/json',
    body: '{"update_id":{{seconds}},"message":{"message_id":1365,"date":{{seconds}},"chat":{"id":1111111,"type":"private","first_name":"Ada"},"from":{"id":1111111,"is_bot":false,"first_name":"Ada"},"text":"/start {{id}}"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the token',
        headers: [['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_Secret-Token_01']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'the name in lower case, another body',
        headers: [['x-telegram-bot-api-secret-token', 'telegram_test_Secret-Token_01']],
        body: '{"update_id":10001}',
        key: 'telegram_test_Secret-Token_01',
      },
    ],
    refused: [
      {
        why: 'another token',
        headers: [['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_another']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'one character more',
        headers: [['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_Secret-Token_01x']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'one character less',
        headers: [['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_Secret-Token_0']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'letters in another case',
        headers: [['X-Telegram-Bot-Api-Secret-Token', 'TELEGRAM_TEST_SECRET-TOKEN_01']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'an empty token',
        headers: [['X-Telegram-Bot-Api-Secret-Token', '']],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'no token',
        headers: [],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
      {
        why: 'the token in the query',
        headers: [],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
        url: 'https://hooks.example.com/in/1?secret_token=telegram_test_Secret-Token_01',
      },
      {
        why: 'the header twice',
        headers: [
          ['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_Secret-Token_01'],
          ['X-Telegram-Bot-Api-Secret-Token', 'telegram_test_Secret-Token_01'],
        ],
        body: '{"update_id":10000,"message":{"message_id":1365,"date":1767225600,"chat":{"id":1111111},"text":"Grüße 🚀 $&"}}',
        key: 'telegram_test_Secret-Token_01',
      },
    ],
  },
})
