/**
 * An alert as each kind of channel takes it: a JSON body for the three that are spoken to over HTTP, a letter for e-mail.
 *
 * Names are what people typed. Slack reads `<!channel>` and links in any text, Teams reads Markdown in a text block: so the
 * first gets its three signs escaped in blocks of plain text, the second text runs, which read nothing at all; a letter is
 * plain text, without a part that is HTML.
 */
import type { AlertMessage } from './message.ts'

const HEADINGS = { opened: '🔴', resolved: '🟢', test: '⚪' } as const

/** @see https://docs.slack.dev/reference/block-kit: 3,000 characters a section, escapes for `&`, `<` and `>`. */
export function slackBody({ transition, title, facts }: AlertMessage): unknown {
  const heading = slackEscaped(`${HEADINGS[transition]} ${title}`)
  const lines = slackEscaped(facts.map(({ name, value }) => `${name}: ${value}`).join('\n'))
  return {
    // What a notification shows; without the blocks it would be the message.
    text: heading,
    mrkdwn: false,
    unfurl_links: false,
    blocks: [plainSection(heading), plainSection(lines)],
  }
}

function plainSection(text: string): unknown {
  return { type: 'section', text: { type: 'plain_text', text: text.slice(0, 3_000), emoji: false } }
}

function slackEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** @see https://adaptivecards.io/explorer/TextRun.html: unlike a TextBlock it knows no Markdown. */
export function teamsBody({ transition, title, facts }: AlertMessage): unknown {
  const runs = (...inlines: readonly unknown[]) => ({ type: 'RichTextBlock', inlines })
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            runs({ type: 'TextRun', text: `${HEADINGS[transition]} ${title}`, weight: 'bolder', size: 'medium' }),
            ...facts.map(({ name, value }) =>
              runs({ type: 'TextRun', text: `${name}: `, isSubtle: true }, { type: 'TextRun', text: value }),
            ),
          ],
        },
      },
    ],
  }
}

/** For programs: Standard Webhooks has `type`, `timestamp` and `data`. */
export function webhookBody(message: AlertMessage, sentAt: Date, data: Readonly<Record<string, unknown>>): unknown {
  const { transition, kind, title, facts } = message
  return { type: `alert.${transition}`, timestamp: sentAt.toISOString(), data: { kind, title, facts, ...data } }
}

export function letterOf({ transition, title, facts }: AlertMessage): {
  readonly subject: string
  readonly text: string
} {
  return {
    subject: `[Postern] ${title}`.slice(0, 200),
    text: [
      transition === 'opened' ? `${title}.` : title,
      '',
      ...facts.map(({ name, value }) => `${name}: ${value}`),
      '',
    ].join('\n'),
  }
}
