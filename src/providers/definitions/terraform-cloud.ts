import { defineProvider } from '../definition.ts'

export const terraformCloud = defineProvider({
  id: 'terraform-cloud',
  name: 'HCP Terraform',
  category: 'developer tools',
  docs: 'https://developer.hashicorp.com/terraform/cloud-docs/api-docs/notification-configurations',
  schemes: [
    {
      family: 'hmac',
      name: 'signature',
      algorithm: 'sha512',
      key: { decode: 'utf8' },
      signature: { header: 'X-TFE-Notification-Signature', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{body}'] }],
    },
  ],
  keyForm: 'The token of the notification configuration, as text: make a long random one.',
  setup: [
    'Open the workspace’s settings, then Notifications, then Create a Notification, and take Webhook.',
    'Enter the URL of the integration and a token of your own: without it nothing is signed.',
    'Paste the token here as the key of the integration before you save, because saving sends a request that must be answered.',
    'Choose the triggers and press Create; “Send a test” repeats the check later.',
  ],
  rotation: 'Add the new token here as a second key, change it in the notification, then remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // One run can come to the same trigger twice (it may need attention for a policy, then for an apply).
  event: {
    id: 'body:$.run_id + body:$.notifications[0].trigger',
    type: 'body:$.notifications[0].trigger',
    tenant: 'body:$.organization_name',
    subject: 'body:$.run_id | body:$.workspace_id',
    occurredAt: 'body:$.notifications[0].run_updated_at',
    dedupe: 'content',
  },
  handshakes: [
    {
      name: 'verification',
      when: { methods: ['POST'], match: { 'body:$.notifications[0].trigger': 'verification' } },
      signed: true,
      respond: { status: 200 },
    },
  ],
  delivery: { success: '2xx', retries: 'none stated; rely on none' },
  pitfalls: [
    'The digest is SHA-512; a SHA-256 of the same body is refused.',
    'The token is optional there and needed here.',
    'Run tasks are another thing: they sign in the same way under X-TFC-Task-Signature and wait for a reply by API.',
    'No time is signed: a captured delivery stays valid until the token changes.',
  ],
  sample: {
    type: 'run:completed',
    idPrefix: 'run-',
    contentType: 'application/json',
    body: '{"payload_version":1,"notification_configuration_id":"nc-AeUQ2zfKZzW9TiGZ","run_url":"https://app.terraform.io/app/postern/sample/runs/{{id}}","run_id":"{{id}}","run_created_at":"{{iso}}","workspace_id":"ws-XdeUVMWShTesDMME","workspace_name":"sample","organization_name":"postern","notifications":[{"message":"Run Applied","trigger":"{{type}}","run_status":"applied","run_updated_at":"{{iso}}"}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON',
        headers: [
          [
            'X-TFE-Notification-Signature',
            '01f8f3bc0d74cc1676917d4fbf6a2f2b47860956fce603f7ec2bad68ab40d450d471f90b5240d01e2725ea1e0d03b52ee6bbcbdd256f2ae4e8903e2e67d2a8b6',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'pretty-printed, with UTF-8 and `$&`: the bytes as they are',
        headers: [
          [
            'X-TFE-Notification-Signature',
            'd3dcbff370158d69850ba262b1869dfababaa5592b5fc0add6ee30ca3e4a3364d71a413971b8d8716f2f32e24b42a8b672c37db6dfa5e1953753f0f21e7c43c9',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $1 \\u00e9",\n  "n": 1\n}\n',
        key: 'terraform_test_token_0123456789',
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          [
            'X-TFE-Notification-Signature',
            '01f8f3bc0d74cc1676917d4fbf6a2f2b47860956fce603f7ec2bad68ab40d450d471f90b5240d01e2725ea1e0d03b52ee6bbcbdd256f2ae4e8903e2e67d2a8b6',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":2}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'parsed and written again',
        headers: [
          [
            'X-TFE-Notification-Signature',
            'd3dcbff370158d69850ba262b1869dfababaa5592b5fc0add6ee30ca3e4a3364d71a413971b8d8716f2f32e24b42a8b672c37db6dfa5e1953753f0f21e7c43c9',
          ],
        ],
        body: '{"id":"evt_2","note":"Grüße 🚀 $& $1 é","n":1}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'signed with another key',
        headers: [
          [
            'X-TFE-Notification-Signature',
            '7997a828f4d2dfb861747cf2adc2a93d1f2e5bb67cb19d3436807021b80d647088a3a4815cf2e3f5474359fa93eece6f8585ad2cd35270336011259989b29170',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'an empty signature',
        headers: [['X-TFE-Notification-Signature', '']],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'base64 in place of hex',
        headers: [
          [
            'X-TFE-Notification-Signature',
            'AfjzvA10zBZ2kX1Pv2ovK0eGCVb85gP37CutaKtA1FDUcfkLUkDQHicl6h4NA7Uu5rvL3SVvKuTokD4uZ9Kotg==',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'SHA-256 of the same bytes',
        headers: [['X-TFE-Notification-Signature', '764dbe22cae6022fe89021a6dd65666b9d72806e2474e817875844308af5d879']],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'the header twice',
        headers: [
          [
            'X-TFE-Notification-Signature',
            '01f8f3bc0d74cc1676917d4fbf6a2f2b47860956fce603f7ec2bad68ab40d450d471f90b5240d01e2725ea1e0d03b52ee6bbcbdd256f2ae4e8903e2e67d2a8b6',
          ],
          [
            'X-TFE-Notification-Signature',
            '01f8f3bc0d74cc1676917d4fbf6a2f2b47860956fce603f7ec2bad68ab40d450d471f90b5240d01e2725ea1e0d03b52ee6bbcbdd256f2ae4e8903e2e67d2a8b6',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
      {
        why: 'under the name that run tasks use',
        headers: [
          [
            'X-TFC-Task-Signature',
            '01f8f3bc0d74cc1676917d4fbf6a2f2b47860956fce603f7ec2bad68ab40d450d471f90b5240d01e2725ea1e0d03b52ee6bbcbdd256f2ae4e8903e2e67d2a8b6',
          ],
        ],
        body: '{"run_id":"run-1","organization_name":"postern","notifications":[{"trigger":"run:completed","n":1}]}',
        key: 'terraform_test_token_0123456789',
      },
    ],
  },
})
