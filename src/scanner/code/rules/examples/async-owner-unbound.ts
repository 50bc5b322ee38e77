import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'AsyncResult(',
    says: 'celery.result.AsyncResult finds the job by its id alone; nothing asks whose it is.',
    code: `from celery.result import AsyncResult
from flask import Flask
from flask_login import login_required

from .tasks import celery

app = Flask(__name__)


@app.get("/exports/<task_id>")
@login_required
def export_state(task_id):
    task = AsyncResult(task_id, app=celery)
    if task.state != "SUCCESS":
        return {"state": task.state}
    return {"state": task.state, "rows": task.result}
`,
  },
  {
    language: 'javascript',
    at: 'await exports.getJob(',
    says: 'bullmq.Queue().getJob finds the job by its id alone; nothing asks whose it is.',
    code: `import { Queue } from 'bullmq'
import express from 'express'
import { requireUser } from './auth.js'

const app = express()
const exports = new Queue('exports')

app.get('/exports/:id', requireUser, async (req, res) => {
  const job = await exports.getJob(req.params.id)
  if (!job) return res.sendStatus(404)
  res.json({ state: await job.getState(), result: job.returnvalue })
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The job is looked up by its id and its owner; another’s is not found.',
    code: `from fastapi import Depends, FastAPI, HTTPException

from .auth import current_user
from .db import session
from .models import Job

app = FastAPI()


@app.get("/jobs/{job_id}")
async def job_state(job_id: str, user=Depends(current_user)):
    job = session.query(Job).filter(Job.id == job_id, Job.owner_id == user.id).first()
    if job is None:
        raise HTTPException(404)
    return {"state": job.state, "result": job.result}
`,
  },
  {
    language: 'javascript',
    why: 'The owner is compared before anything is answered.',
    code: `import { Queue } from 'bullmq'
import express from 'express'
import { requireUser } from './auth.js'

const app = express()
const exports = new Queue('exports')

app.get('/exports/:id', requireUser, async (req, res) => {
  const job = await exports.getJob(req.params.id)
  if (!job || job.data.ownerId !== req.user.id) return res.sendStatus(404)
  res.json({ state: await job.getState(), result: job.returnvalue })
})
`,
  },
]
