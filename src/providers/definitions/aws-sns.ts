import { defineProvider, type Requirement, type Template } from '../definition.ts'

const NOTIFICATION: Template = '{lines:Message,MessageId,Subject?,Timestamp,TopicArn,Type}'
const CONFIRMATION: Template = '{lines:Message,MessageId,SubscribeURL,Timestamp,Token,TopicArn,Type}'

/** Any AWS account can sign for a topic of its own. */
const OWN_TOPIC: readonly Requirement[] = [{ kind: 'equals-key', source: 'body:$.TopicArn' }]

const HOST = 'pattern:sns\\.[a-z0-9-]{3,}\\.amazonaws\\.com(\\.cn)?'

/** Made for these vectors. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem': `-----BEGIN CERTIFICATE-----
MIIDCTCCAfGgAwIBAgIUXeJzVpQ9Qd0V4Hu2ZF1g0DwZtpgwDQYJKoZIhvcNAQEL
BQAwEzERMA8GA1UEAwwIc25zLnRlc3QwIBcNMjYxMTI1MDM0NDA5WhgPMjEyNjEx
MDEwMzQ0MDlaMBMxETAPBgNVBAMMCHNucy50ZXN0MIIBIjANBgkqhkiG9w0BAQEF
AAOCAQ8AMIIBCgKCAQEA2O94NksUSafEo5Cvrp3qe5Pjk9kkVPeY0/gCvVYwwitj
aL9pnR4yEwc0UJyjE/dE5V/4Dox8NzXxotm+ItiHInBTVl8mYbxcy9da5PUppLqp
WFIvBsvqIXb//jz1vdhgh9KPDLkYt3qMEGsS4CuxDHxB95x+z3il9/8OATHqKHiW
f8CZ946w5OAEnSChG1YHv4Gkvf96Mni35l5Ol1hzHe5W0I/krGOfKhO2+s7efvJv
jzEnYWvEowNXxvvyp9iay30i0ZjtUwg5/GjfZaBg7EC9FpxV8pFC+p8G8amBprIx
sWLH3TLkZoiAygZDmJ8vw+rhZfTUhxk6jh/U7REd5wIDAQABo1MwUTAdBgNVHQ4E
FgQUS8BfeZLmj6zI4u7XZUZLMTcMhJcwHwYDVR0jBBgwFoAUS8BfeZLmj6zI4u7X
ZUZLMTcMhJcwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEANAzj
tMkRxvTFGOfdWRCshKa5EpH5VvCuA6e8wCLQ1Z2TMA6cl/zjlrEQBCbmZvO7eUMO
ChiC03ETheBLFTUZ+YDlFWwy7Jqn5jLHbbDqcsXR3MRot2RypictC3GoE/3OPipg
gtiR1j8P69FARUWylDRzCK6bBF57U6yWtkbxsU/hhoLmo0cudlnLQ55ywUcIrHob
fxSLvi7fhL6o0DDQwC9YNHCRL7FGaD/3MMH8JIADB/n84IjKHR+BBSH0DTyvvARZ
UYzLfggLnOuzfjWcx5WZXJF4i+Z13wHPE1AeLe32UMeHOGw/ENAqF+wvWcjwBqNa
UJa2RCDCxYh/s3MIkQ==
-----END CERTIFICATE-----
`,
}

export const awsSns = defineProvider({
  id: 'aws-sns',
  name: 'AWS SNS',
  category: 'cloud',
  docs: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
  schemes: [
    {
      family: 'asymmetric',
      name: 'signature',
      algorithm: 'rsa-sha256',
      key: {
        format: 'certificate-url',
        url: 'body:$.SigningCertURL',
        hosts: [HOST],
        pathSuffix: '.pem',
        pin: 'topicArn',
        pattern: 'arn:aws(?:-cn|-us-gov)?:sns:[a-z0-9-]{3,}:[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\\.fifo)?',
        example: 'arn:aws:sns:eu-central-1:123456789012:postern-sample',
      },
      signature: { body: '$.Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [
        {
          name: 'notification-v2',
          when: { body: { '$.SignatureVersion': ['2'], '$.Type': ['Notification'] } },
          templates: [NOTIFICATION],
          require: OWN_TOPIC,
        },
        {
          name: 'confirmation-v2',
          when: { body: { '$.SignatureVersion': ['2'], '$.Type': ['SubscriptionConfirmation'] } },
          templates: [CONFIRMATION],
          require: OWN_TOPIC,
        },
        {
          // AWS documents the members of a confirmation; its own validator reads those of a notification.
          name: 'unsubscribe-v2',
          when: { body: { '$.SignatureVersion': ['2'], '$.Type': ['UnsubscribeConfirmation'] } },
          templates: [CONFIRMATION, NOTIFICATION],
          require: OWN_TOPIC,
        },
        {
          name: 'notification-v1',
          when: { body: { '$.SignatureVersion': ['1'], '$.Type': ['Notification'] } },
          algorithm: 'rsa-sha1',
          templates: [NOTIFICATION],
          require: OWN_TOPIC,
        },
        {
          name: 'confirmation-v1',
          when: { body: { '$.SignatureVersion': ['1'], '$.Type': ['SubscriptionConfirmation'] } },
          algorithm: 'rsa-sha1',
          templates: [CONFIRMATION],
          require: OWN_TOPIC,
        },
        {
          name: 'unsubscribe-v1',
          when: { body: { '$.SignatureVersion': ['1'], '$.Type': ['UnsubscribeConfirmation'] } },
          algorithm: 'rsa-sha1',
          templates: [CONFIRMATION, NOTIFICATION],
          require: OWN_TOPIC,
        },
      ],
      weakness:
        'The message attributes are not signed, and there is no window of time: a captured message stays valid.',
    },
  ],
  keyForm: 'The ARN of the topic, `arn:aws:sns:…`. It is no secret: it says whose messages are accepted.',
  setup: [
    'Create the integration with the ARN of the topic as its key.',
    'Set the topic’s attribute SignatureVersion to 2, so that SHA-256 is used in place of SHA-1.',
    'On the topic, create a subscription with the protocol HTTPS and the public URL; leave raw message delivery off.',
    'The confirmation is verified and answered by itself; the subscription then shows as Confirmed.',
    'Publish a test message.',
  ],
  rotation:
    'There is no secret. AWS changes its certificates by itself, and each message names the one that signed it.',
  payload: [{ kind: 'json-object', contentTypes: ['text/plain'] }],
  methods: ['POST'],
  // MessageAttributes are outside the signature, so nothing is read from them.
  event: {
    id: 'body:$.MessageId',
    type: 'body:$.Type',
    tenant: 'body:$.TopicArn',
    subject: 'body:$.Subject',
    occurredAt: 'body:$.Timestamp',
  },
  handshakes: [
    {
      name: 'SubscriptionConfirmation',
      when: { methods: ['POST'], match: { 'body:$.Type': 'SubscriptionConfirmation' } },
      signed: true,
      fetch: { url: 'body:$.SubscribeURL', hosts: [HOST] },
      respond: { status: 200 },
    },
  ],
  delivery: {
    success: '2xx',
    timeoutSeconds: 15,
    retries: '3 at once, 2 after a second, 10 with growing pauses, 35 at the longest pause; configurable',
    addresses: 'https://docs.aws.amazon.com/general/latest/gr/aws-ip-ranges.html',
  },
  answers: { accepted: { status: 200 } },
  pitfalls: [
    'A signature proves only that some SNS topic sent the message; the ARN decides whose.',
    'The body is JSON under the content type text/plain.',
    'With raw message delivery there is no signature, and nothing is accepted.',
    'The certificate is fetched only from an SNS host over https, whatever the message says.',
    'Message is text. JSON inside it has to be parsed a second time.',
  ],
  sample: {
    type: 'Notification',
    contentType: 'text/plain; charset=UTF-8',
    headers: [['x-amz-sns-message-type', 'Notification']],
    body: '{"Type":"Notification","MessageId":"{{id}}","TopicArn":"arn:aws:sns:eu-central-1:123456789012:postern-sample","Subject":"Sample","Message":"{\\"order\\":1999}","Timestamp":"{{iso}}","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-sample.pem","UnsubscribeURL":"https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe","Signature":""}',
  },
  vectors: {
    accepted: [
      {
        why: 'a notification without a subject',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'with a subject, pretty-printed, with UTF-8 and `$&`',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{\n  "Type": "Notification",\n  "MessageId": "m1",\n  "TopicArn": "arn:aws:sns:eu-central-1:123456789012:orders",\n  "Message": "$& $1\\nline",\n  "Timestamp": "2026-01-01T00:00:00.000Z",\n  "Subject": "Grüße 🚀",\n  "SignatureVersion": "2",\n  "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem",\n  "Signature": "JyO5Jx4NMbAPTOkqRHc+9VAlOvvubqzTfmt5tUXz3e3l7W8YMth4hgCKVyMlAI4ElRiYF+dQ7d0IVtHQlIspCADvUzMQpFSYDxoVXo8Mihf3C/BOfZzGWcMgTbrAklSvuNrZcBSD8SOJnvv6YU7BJb5wNdIs4Xa3pzmm3Wj4hAiu+BMzXbg4YbfSJdUjI2VuAuxR1NJ+uhCKVvN+Hledv9CS0To/fvLeYJ7s/fbTxEMIMRh9k9Xnrk89I1lu1CC7gCEGs1r0KIBIoM5jD/9jy9K+z45k/WcNCTA674BHXDuejMw7WckXhbBB+nG/O5dEAScNx+Df/Shhic/4RyktGg=="\n}\n',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'version 1, SHA-1',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"1","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"fCEva9erY0eKnUxerUT0jHiQZZ3wEtPzbRVL0okWDYCDawd2SxYBCAqdDrRp9D7sPf3D8q0iMCyUWLp1y/UXMzlwuRzqb/ZGeuFunVE469NaM0ftm3FhmMoR1cxRduQGyspQgXNTvqF4SI0HsUWw0uR3pU2R+nowaOM99U6xMoo2SCwCG2ArgWbaa76ekqzPen2A0mmC/tZKa4x7fe+bXlrnRULFDquWn89y2QNY7yxVnsJMGpF6RK2bg1N7QCtf3LzlP0k+kkWe+UUllY5RTnZWyzYReUPz9/+qBol6urN48rQgeS/R5qA6W18ylVVK1OfihRIXw9PCZqCcToDccA=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a confirmation',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"SubscriptionConfirmation","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","Token":"tok1","SubscribeURL":"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-central-1:123456789012:orders&Token=tok1","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"gazOY3aeDCXOPF+LVJ536itbh14a/aXKE7J3gVcHhSYKfu3WR8JZqKIzzmXJFj6CtDMmMJ9fioRzWJYCYQgsnDX0EB1vTfthypKzbp1QAOl18Yz1OFusCk1QflyfiqjfcKMG3+mTxsrsB6bZOOebAIyDliLw3kFtMTMQhQsd07s27Inu5wYJfpjewfrL2h3opxzJiyG98qOmKo2xuEfgljoCPQcmkhtL8ge5YJhBdloFIc647s/tt/1DXT5zMes/v0H/Xetkkga9O4q4oC7u14zhGA0h0i79tOx6QFavitA943d1CBELx82luPTeJB4u/csc8znXxDGZWRywZ2y9NQ=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'an unsubscribe confirmation',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"UnsubscribeConfirmation","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","Token":"tok1","SubscribeURL":"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-central-1:123456789012:orders&Token=tok1","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"YGJDpDOx0dDQ8FnWF7cJNBCPTzMNJBD3R1unLpoAHR5OX5RuxHlxf0yLeXs+oqpcSsYQ/sGhZLsSvPEndCNbdXSsoMDRymHWFS6WRPzc482MWcZL/u0gDT2B9IXZFDRg7qRi/GV9jof0PrzYK+EhTjkaLm0j3acznvDwZyylg8pUheG5QeIJS5pwyJPosg4TEdSYGgYx++xuE/H2Cvy7RjJu9vT24Bg+vNlCNhy9dvQLKdiydqJP4YBkGkWEhn7vNYz/36MOAlkuIvVYOBfFZ7/Wr+F6bRozs0gtRwXPVtTut9+kdLY6j5tkUDEQ/ZS7YgUSOavQup2n9ARnWL978Q=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
    ],
    refused: [
      {
        why: 'the message changed',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":2999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a subject added after signing',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg==","Subject":"x"}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'another topic, rightly signed',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:999999999999:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"lBBN2NBXhXAW6z/29GGrPBO+IoSoukt6GtL/bC4kv7MvjDcKYoZt6Ose7ps5HpISs5lPe7kQGxdpD3VZps1HZxEFa+wIYzyLOvzEqXNARhjjby1AhPFXb5S3FWCw7ztQG7DqatUyWJYZDKaCkaMEUj7/P3Eh6uB9ukQVvcwk+RA/zwbX/B8CEQjf3aw9FqkwyC1J4e/i9PsrB+jJWumy4zRudh9th9p0ylZsd5uKw40Ni+L7nOAUDkHvvhJXS0uCupUKVleXCCvGl1u7xaZ6rFLD1pGRlfgRNUeTTeSgnS3sbmoljcU2ExF2Nm591CGJkhMQrzCaL19YWV+rtmhlfg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem"}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'another key',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"PHnZ6WgE9gTwO+KrJLpFOnPksuIf0KAPDbFjCy6xXVk1+d9YY+lLkjuV0plXFSLwWRK+/8maubUxlceHiykPf18BAZHEdT8vcmxB/KXIU8GeD2BamYmW+bElQ8QEPkm7zl4qsFROWmbruMcI2Kii/26lT1B6Sa+CS1zUZlI9tXsxPOkxuZG07/brZh60fYELZ1NK+m8VHCg3SZyuKlZ1UEb9EuwMYkhPMEZhCd99tEh4sUFYr0C21HMe8SNpZQEIwJJu8wlRejFLQU5+AOWwEsjfSjP/4IZ2nDJrVdIo9o2U7K7dMukDc/38f+KHf7PLhABqDtCDFX4lz/+cl8lobA=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a version 1 signature under version 2',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"fCEva9erY0eKnUxerUT0jHiQZZ3wEtPzbRVL0okWDYCDawd2SxYBCAqdDrRp9D7sPf3D8q0iMCyUWLp1y/UXMzlwuRzqb/ZGeuFunVE469NaM0ftm3FhmMoR1cxRduQGyspQgXNTvqF4SI0HsUWw0uR3pU2R+nowaOM99U6xMoo2SCwCG2ArgWbaa76ekqzPen2A0mmC/tZKa4x7fe+bXlrnRULFDquWn89y2QNY7yxVnsJMGpF6RK2bg1N7QCtf3LzlP0k+kkWe+UUllY5RTnZWyzYReUPz9/+qBol6urN48rQgeS/R5qA6W18ylVVK1OfihRIXw9PCZqCcToDccA=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'an unknown version',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"3","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'an unknown type',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Other","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"Xw/1eObf2sDyCotc3N6Ye3JlSNaL5UqjXxPx+UYE5r3dyghW8DGI/FrOZPNhfnbD3ga8UxTSSExbowr9pXjJ4GUNL6GrzgGFVptie/xMLCYMid12GMI96wnwMHj7ZHDM+6UU5oq2ajZJPm36Zhz37BoOZsNDHh/trecvL3+BytAeD84kI2sSR3HVdz0VYrrLX9scjTXso47Lr38OVu3ew6rbthsv9vubio9eeDZEC8PXZA8wjBwTPMO7fUR5vhK93RkI0c0U9E+J3QbgHKlk2Q2Lek7Obn993+ofTnXZ/dzTFHQ+DY+ekhdYA3ST4a8LMnjys3gu4MYmZbO2npEIkQ=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a confirmation signed as a notification',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"SubscriptionConfirmation","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","Token":"tok1","SubscribeURL":"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-central-1:123456789012:orders&Token=tok1","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"NLt8FAKB1cOx8rhnK4J4aQn8eKInVTaDMOTQ00PjvkDXwFFkaeT9TV1lNvfS/ib+aXSG3I3SWQ/blxUcej8pDk7HYyUBaPqJt9ZJa1FZg2fVgnqPXRFiO1FW3CwXSA9e/bbWBqiPSdC3fHh2Ej2eetS7UT7RdygRHzBXXR0OapYbrCUqyvDDKYTOLa+uglwDgU6rNrV1L2Ktv8CyuQWRg6V5GJqg8a1YHTayeLf9wYA3DVI1pYEgsxxgFTnOdE5BNmyuVyIByBUI/ipHL2xXiKplcJZtGxY62zQ+w6VIz2g7QVq0vdPBr3Ad5DUZ1N/cbVT+JdYX/EiSr/x3Nplj8A=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'the certificate over plain http',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'the certificate on another AWS service',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'the certificate on a host that only begins so',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com.example.com/a.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a user before the host',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com@example.com/a.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'a port behind the host',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-test.pem","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'not a .pem',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"Type":"Notification","MessageId":"m1","TopicArn":"arn:aws:sns:eu-central-1:123456789012:orders","Message":"{\\"order\\":1999}","Timestamp":"2026-01-01T00:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-test.txt","Signature":"GGwki+0B7vPjzlYE1NWtw/uA92eOWRrqqigF+s/4P9+jbHJ2Lqv7RAIEw6DjdEDSw9hqm5HSCN/qmnR5KPbRXfc7hpSeVzW8K6R3qMNEM3GZsQaqYCaMmVder4JiZ9hTiXpLBeT4ApTxRdY/MQ1gQJnGkcgPKWt9ZZGI6ejwCpn1UeY0EsiWF81/Akzp6Jc1AyyMsrUWd0egYS4J/V5+0/jmUdkt2vmnjsTPb9iGIwjjIvKlV5GmI5EWRSdh9xk17cyWfXCxKAEfCl1/kXv7Q69MW5/RoqyDSURaNaXWvV3msWrpPLoiInAuE/mS5DwW24psfIWyTvyhUs5cHscBsg=="}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
      {
        why: 'raw delivery, without any signature',
        headers: [['Content-Type', 'text/plain; charset=UTF-8']],
        body: '{"order":1999}',
        key: 'arn:aws:sns:eu-central-1:123456789012:orders',
        remote: CERTIFICATE,
      },
    ],
  },
})
