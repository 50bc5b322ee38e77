"""Exports: create, status, cancel, result, callback; each bound to the one who ordered it."""
import itertools
import secrets
import threading
import time
import urllib.parse

import access
from webhook import fetch
from twin import JOB_KEPT_SECONDS, RESULT_TTL_SECONDS, Refused, fault

CALLBACK_HOSTS = {"hooks.example.com"}
jobs = {}
links = {}
numbers = itertools.count(1)


def create(call):
    principal = access.principal_in(call) if fault("job-open-create") else access.require(call)
    principal = principal or access.Principal("alice", None)
    if principal.role == "revoked" and not fault("job-role-change"):
        raise Refused(403, "not for this role")
    callback_url = call.json().get("callback_url")
    check_callback(callback_url)
    if fault("job-callback-target") and isinstance(callback_url, str):
        threading.Thread(target=fetch, args=[callback_url], daemon=True).start()
    job_id = f"job_{next(numbers)}"
    ends = time.time() + JOB_KEPT_SECONDS
    jobs[job_id] = {"id": job_id, "owner": principal.name, "account": principal.account, "ends": ends, "status": "done"}
    return 202, shown(jobs[job_id]), [("location", f"/jobs/{job_id}")]


def status(call):
    return 200, shown(owned(call, "job-status-owner"))


def cancel(call):
    job = owned(call, "job-cancel-owner")
    job["status"] = "cancelled"
    return 200, shown(job)


def callback(call):
    job = owned(call, "job-callback-owner")
    url = call.json().get("callback_url")
    check_callback(url)
    job["callback"] = url
    return 200, shown(job)


def result(call):
    """A link for one download by the owner, for a short time."""
    job = owned(call, "job-result-owner")
    token = secrets.token_urlsafe(24)
    links[token] = {"job": job, "ends": time.time() + RESULT_TTL_SECONDS, "used": False}
    return 200, {"url": f"/downloads/{token}", "expires_in": RESULT_TTL_SECONDS}, [("cache-control", "no-store")]


def download(call):
    link = links.get(call.params["token"])
    if link is None:
        raise Refused(404, "no such download")
    if not fault("job-result-shared"):
        principal = access.require(call)
        if principal.name != link["job"]["owner"]:
            raise Refused(404, "no such download")
        check_role(principal)
    if time.time() > link["ends"] and not fault("job-result-ttl"):
        raise Refused(410, "expired")
    if link["used"] and not fault("job-result-reuse"):
        raise Refused(410, "used")
    link["used"] = True
    return 200, {"rows": [{"account": link["job"]["account"], "total": 1200}]}, [("cache-control", "no-store")]


def kept(job_id):
    job = jobs.get(job_id)
    return job if job is None or time.time() <= job["ends"] or fault("job-kept-on") else None


def owned(call, missing_check):
    """Somebody else's job does not exist. `missing_check` is the fault that forgets to ask."""
    job = kept(call.params["id"])
    if fault("job-no-auth") and job is not None:
        return job
    principal = access.require(call)
    check_role(principal)
    if job is None or (job["owner"] != principal.name and not fault(missing_check)):
        raise Refused(404, "no such job")
    return job


def check_role(principal):
    if principal.role == "revoked" and not fault("job-role-change"):
        raise Refused(403, "not for this role")


def check_callback(url):
    if url is None or fault("job-callback-target"):
        return
    try:
        parts = urllib.parse.urlsplit(url)
        allowed = parts.scheme == "https" and parts.netloc in CALLBACK_HOSTS
    except (ValueError, AttributeError, TypeError):
        allowed = False
    if not allowed:
        raise Refused(422, "callback_url is not one of yours")


def shown(job):
    return {key: value for key, value in job.items() if key not in ("account", "ends")}
