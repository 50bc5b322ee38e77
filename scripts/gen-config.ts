/** docs/config.md, from the variables that the program reads. */
import { CLIENT_VARIABLES, VARIABLES } from '../src/config/config.ts'

export function configPage(): string {
  const rows = Object.entries(VARIABLES).map(([name, variable]) => {
    const fallback = 'default' in variable && variable.default !== '' ? `\`${variable.default}\`` : '—'
    return `| \`${name}\` | ${fallback} | ${variable.describe} |`
  })
  const client = Object.entries(CLIENT_VARIABLES).map(([name, describe]) => `| \`${name}\` | ${describe} |`)
  return `<!-- Generated from src/config/config.ts by \`npm run gen\`. -->

# Configuration

Postern reads its settings once, at the start, from environment variables. An empty variable counts as unset. A
\`POSTERN_…\` name that is not listed here stops the start, and so does any value that cannot be right; every
problem is reported at once.

| Variable | Default | What it does |
|---|---|---|
${rows.join('\n')}

Read by commands that manage a running gateway:

| Variable | What it does |
|---|---|
${client.join('\n')}
| \`MANAGEMENT_API_KEY\` | The key they use; when unset, \`management.key\` in \`POSTERN_DATA_DIR\`. |
`
}
