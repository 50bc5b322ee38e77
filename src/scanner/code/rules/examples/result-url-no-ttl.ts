import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 's3.generate_presigned_url(',
    says: 'boto3.client().generate_presigned_url gives a result an address that works for 604800 seconds.',
    code: `import boto3
from fastapi import Depends, FastAPI, HTTPException

from .auth import current_user
from .exports import export_of

app = FastAPI()
s3 = boto3.client("s3")


@app.get("/exports/{export_id}/download")
async def download(export_id: str, user=Depends(current_user)):
    export = await export_of(user.id, export_id)
    if export is None:
        raise HTTPException(404)
    params = {"Bucket": "exports", "Key": export.key}
    return {"url": s3.generate_presigned_url("get_object", Params=params, ExpiresIn=604_800)}
`,
  },
  {
    language: 'javascript',
    at: 'getSignedUrl(',
    says: 'getSignedUrl gives a result an address that works for 604800 seconds.',
    code: `import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import express from 'express'
import { requireUser } from './auth.js'
import { exportOf } from './exports.js'

const app = express()
const s3 = new S3Client({})
const WEEK = 7 * 24 * 60 * 60

app.get('/exports/:id/download', requireUser, async (req, res) => {
  const file = await exportOf(req.user.id, req.params.id)
  if (!file) return res.sendStatus(404)
  const command = new GetObjectCommand({ Bucket: 'exports', Key: file.key })
  res.json({ url: await getSignedUrl(s3, command, { expiresIn: WEEK }) })
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The address lives five minutes, and each download gets a new one.',
    code: `import boto3
from fastapi import Depends, FastAPI, HTTPException

from .auth import current_user
from .exports import export_of

app = FastAPI()
s3 = boto3.client("s3")


@app.get("/exports/{export_id}/download")
async def download(export_id: str, user=Depends(current_user)):
    export = await export_of(user.id, export_id)
    if export is None:
        raise HTTPException(404)
    params = {"Bucket": "exports", "Key": export.key}
    return {"url": s3.generate_presigned_url("get_object", Params=params, ExpiresIn=300)}
`,
  },
  {
    language: 'javascript',
    why: 'The address is a route of the application, which asks who the caller is each time.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { exportOf, readExport } from './exports.js'

const app = express()

app.get('/exports/:id', requireUser, async (req, res) => {
  const file = await exportOf(req.user.id, req.params.id)
  if (!file) return res.sendStatus(404)
  res.json({ state: file.state, url: \`/exports/\${file.id}/content\` })
})

app.get('/exports/:id/content', requireUser, async (req, res) => {
  const file = await exportOf(req.user.id, req.params.id)
  if (!file) return res.sendStatus(404)
  readExport(file.key).pipe(res)
})
`,
  },
]
