import { defineProvider } from '../definition.ts'

export const sendgrid = defineProvider({
  id: 'sendgrid',
  name: 'SendGrid Event Webhook',
  category: 'email',
  docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  schemes: [
    {
      family: 'asymmetric',
      name: 'ecdsa',
      algorithm: 'ecdsa-p256-sha256',
      key: { format: 'spki' },
      signature: { header: 'X-Twilio-Email-Event-Webhook-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{ts}{body}'] }],
      timestamp: {
        in: { header: 'X-Twilio-Email-Event-Webhook-Timestamp' },
        unit: 's',
        toleranceSeconds: 300,
        toleranceDocumented: false,
      },
    },
  ],
  keyForm: 'The public key from Mail Settings: base64 of the DER form, or PEM.',
  setup: [
    'In SendGrid open Settings, Mail Settings, Event Webhooks, and add one with the receive path.',
    'Under security features enable the signed event webhook and copy the verification key into the integration.',
    'Choose the events.',
  ],
  rotation:
    'Switching signing off and on makes a new key pair. Add the new public key here at once and end the old one when its last retries are in.',
  payload: [{ kind: 'json' }],
  methods: ['POST'],
  // A request is a batch; the id of its first entry names the batch to people, its bytes name it to dedupe.
  event: {
    id: 'body:$[0].sg_event_id',
    type: 'body:$[0].event',
    subject: 'body:$[0].sg_message_id',
    occurredAt: 'body:$[0].timestamp',
    dedupe: 'content',
  },
  delivery: { success: '2xx', timeoutSeconds: 10, retries: 'for 24 hours' },
  pitfalls: [
    'The body ends with a line break, which is signed.',
    'The body is an array: consumers dedupe single entries on sg_event_id.',
    'The signature is in DER; r and s side by side are refused.',
    'No window is documented; 300 seconds is ours. ECDSA signatures can be re-written by anyone, so they never serve as an id.',
    'Inbound Parse is multipart and unsigned: not this.',
  ],
  sample: {
    type: 'delivered',
    contentType: 'application/json;charset=utf-8',
    body: '[{"email":"ada@example.com","event":"{{type}}","ip":"192.0.2.10","response":"250 OK","sg_event_id":"{{id}}","sg_message_id":"postern.recvd-1","smtp-id":"<postern@example.com>","timestamp":{{seconds}},"tls":1}]\r\n',
  },
  vectors: {
    accepted: [
      {
        why: 'the example of the vendor’s own tests; its body ends with a line break',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'the same within the window',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
        at: 1600112802,
      },
    ],
    refused: [
      {
        why: 'the last line break left out',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112503'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'r and s side by side in place of DER',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'YdBW0aP5jcuQb18tzF/ep8jXRDKyANaYw5WbEbS7plTIGJcNbMz6457lbQm4b6W5ABs8ioeHz0zXlOW4u0Rm0w==',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'a byte after the signature',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtMA',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'no timestamp',
        headers: [
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      },
      {
        why: 'one second too old',
        headers: [
          ['X-Twilio-Email-Event-Webhook-Timestamp', '1600112502'],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
          ],
        ],
        body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
        key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
        at: 1600112803,
      },
    ],
  },
})
