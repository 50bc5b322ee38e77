import { describe, expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode, PosternError } from '../model/errors.ts'
import { problemOf, STATUS_OF_KIND } from './problem.ts'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]

describe('problem documents', () => {
  test.each(codes)('%s carries its code, its title, its status in the body and the correlation id', (code) => {
    const problem = problemOf(new PosternError(code, 'what happened'), 'cor_1')
    expect(problem.status).toBe(STATUS_OF_KIND[ERROR_CODES[code].kind])
    expect(problem.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(problem.body)).toEqual({
      type: `/docs/errors#${code.toLowerCase()}`,
      title: ERROR_CODES[code].title,
      status: problem.status,
      code,
      detail: 'what happened',
      correlationId: 'cor_1',
      errors: [],
    })
  })

  test('an unknown error is a 500 that says nothing of its cause', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432 password=hunter2')
    for (const thrown of [cause, 'hunter2', undefined, { message: 'hunter2', statusCode: 400 }]) {
      const problem = problemOf(thrown, 'cor_1')
      expect(problem.status).toBe(500)
      expect(JSON.parse(problem.body)).toMatchObject({ code: 'INTERNAL_ERROR', correlationId: 'cor_1' })
      expect(problem.body).not.toMatch(/hunter2|10\.0\.0\.7|ECONNREFUSED/)
    }
  })

  test('the cause of a known error stays inside', () => {
    const error = new PosternError('DEPENDENCY_UNAVAILABLE', 'The database cannot be reached.', {
      cause: new Error('hunter2'),
    })
    expect(problemOf(error, 'cor_1').body).not.toContain('hunter2')
  })

  test('Retry-After stands on 429 and 503 alone, in whole seconds and never zero', () => {
    const limited = new PosternError('RATE_LIMITED', 'too many', { retryAfterSeconds: 0.2 })
    expect(problemOf(limited, 'cor_1').headers['retry-after']).toBe('1')
    const away = new PosternError('DEPENDENCY_UNAVAILABLE', 'away')
    expect(problemOf(away, 'cor_1').headers['retry-after']).toBe('5')
    const conflict = new PosternError('CONFLICT', 'no', { retryAfterSeconds: 9 })
    expect(problemOf(conflict, 'cor_1').headers).not.toHaveProperty('retry-after')
  })

  test('a finer status replaces the one of the kind in the answer and in its body', () => {
    const problem = problemOf(new PosternError('VALIDATION_ERROR', 'headers too large'), 'cor_1', 431)
    expect([problem.status, JSON.parse(problem.body).status]).toEqual([431, 431])
  })
})
