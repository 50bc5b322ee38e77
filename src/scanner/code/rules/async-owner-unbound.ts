import { bad, good } from './examples/async-owner-unbound.ts'
import { inHandler, isBound, isExposed, oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const asyncOwnerUnbound = defineRule({
  id: 'async-owner-unbound',
  control: 'job-owner-binding',
  controlFor: { 'export-url': 'result-url-authorization' },
  title: 'A job is shown or changed for whoever knows its id',
  severity: 'high',
  confidence: 'high',
  cwe: [639],
  owasp: ['API1'],
  styles: ['async-job', 'export-url'],
  why: 'Job ids are guessed, logged and shared. Without the owner in the question, status, result and cancel work for everybody.',
  looksAt:
    'Jobs that are found by an id from the address, and whether their owner is part of the question or is compared before the answer.',
  fix: {
    any: 'Look the job up by id and owner, or compare the owner before answering. Answer 404 in both cases.',
    express: '`where: { id: req.params.id, ownerId: req.user.id }`.',
    flask: 'Keep the owner beside the Celery id, and look that record up first.',
    fastapi: '`Job.id == job_id, Job.owner_id == user.id`.',
    django: '`get_object_or_404(Job, id=job_id, owner=request.user)`.',
    rails: '`current_user.jobs.find(params[:id])`.',
    laravel: '`$request->user()->jobs()->findOrFail($id)`.',
    nestjs: '`where: { id, ownerId: request.user.id }`.',
    spring: '`findByIdAndOwnerId(id, principal.id())`.',
    go: '`where id = $1 and owner_id = $2`.',
  },
  limits: 'An unguessable, signed address with a short life is authorisation.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          (use) =>
            (use.kind === 'lookup' || use.kind === 'job-read') &&
            !use.guarded &&
            use.origins.some(({ kind }) => kind === 'path' || kind === 'query' || kind === 'parsed-body') &&
            use.reaches.some((reach) => !isBound(reach)) &&
            isExposed(facts),
        )
        .map((use) => ({
          at: inHandler(use, facts),
          message: `${use.name} finds the job by its id alone; nothing asks whose it is.`,
        })),
    ).slice(0, 1),
  bad,
  good,
})
