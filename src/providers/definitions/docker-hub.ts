import { defineProvider } from '../definition.ts'

export const dockerHub = defineProvider({
  id: 'docker-hub',
  name: 'Docker Hub',
  category: 'developer tools',
  docs: 'https://docs.docker.com/docker-hub/repos/manage/webhooks/',
  schemes: [
    {
      family: 'token',
      name: 'url-secret',
      token: { in: 'query', name: 'token' },
      weakness:
        'Docker Hub signs nothing. The secret stands in the URL, covers no byte of the body, and is written down wherever URLs are logged.',
    },
  ],
  keyForm: 'A long random text of your own, the value of `token` in the URL given to Docker Hub.',
  setup: [
    'Make a long random text of letters and digits and paste it here as the key of the integration.',
    'Open the repository on Docker Hub, then Webhooks.',
    'Enter a name and the URL of the integration with `?token=` and that text after it, and create the webhook.',
    'Push a tag and look for the event.',
  ],
  rotation:
    'Add the new text here as a second key, add a second webhook with it in the URL, then delete the first webhook and remove the old key.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // There is one kind of event and no id: the body, which holds the time of the push, is its identity.
  event: {
    type: 'text:push',
    tenant: 'body:$.repository.repo_name',
    subject: 'body:$.push_data.tag',
    occurredAt: 'body:$.push_data.pushed_at',
  },
  delivery: { success: '2xx', retries: 'unknown; rely on none' },
  pitfalls: [
    'Nothing proves that a request is Docker Hub’s but the secret in the URL: keep it out of logs, also those of proxies in front.',
    '`callback_url` in the body is whatever the sender wrote. Nothing here calls it, and neither should you without checking its host.',
    'Ask the registry for the tag’s digest before you deploy anything.',
  ],
  sample: {
    type: 'push',
    contentType: 'application/json',
    body: '{"callback_url":"https://hub.docker.com/r/postern/sample/hooks/{{id}}/","push_data":{"pushed_at":{{seconds}},"pusher":"ada","tag":"latest"},"repository":{"name":"sample","namespace":"postern","owner":"postern","repo_name":"postern/sample","repo_url":"https://hub.docker.com/r/postern/sample","status":"Active"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        url: 'https://hooks.example.com/in/1?token=docker_test_url_secret_0123456789',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'another parameter beside',
        url: 'https://hooks.example.com/in/1?env=prod&token=docker_test_url_secret_0123456789',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
    ],
    refused: [
      {
        why: 'another token',
        url: 'https://hooks.example.com/in/1?token=docker_test_url_secret_012345678z',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'one character more',
        url: 'https://hooks.example.com/in/1?token=docker_test_url_secret_0123456789x',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'the last character missing',
        url: 'https://hooks.example.com/in/1?token=docker_test_url_secret_012345678',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'no token',
        url: 'https://hooks.example.com/in/1',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'an empty token',
        url: 'https://hooks.example.com/in/1?token=',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'the token twice',
        url: 'https://hooks.example.com/in/1?token=docker_test_url_secret_0123456789&token=docker_test_url_secret_0123456789',
        headers: [],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
      {
        why: 'the token in a header',
        url: 'https://hooks.example.com/in/1',
        headers: [['token', 'docker_test_url_secret_0123456789']],
        body: '{"push_data":{"pushed_at":1767225600,"tag":"v1-$&"},"repository":{"repo_name":"postern/sample"}}',
        key: 'docker_test_url_secret_0123456789',
      },
    ],
  },
})
