/** One aspect of something in words; a list where there is more than one thing to say. */
export type Detail = readonly [label: string, text: string | readonly string[]]
