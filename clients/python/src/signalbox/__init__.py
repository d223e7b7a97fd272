"""Workers for Signalbox: run node kinds of workflows, in a few lines."""
from .worker import Task, TaskFailed, Worker, WorkerError

__all__ = ["Task", "TaskFailed", "Worker", "WorkerError"]
