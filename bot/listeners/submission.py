"""The form was submitted: decided again, for whoever submits it now, then stored, then acknowledged."""

from typing import Any

from bot.listeners.intake import Intake
from bot.listeners.payloads import FormOrigin, Submission
from bot.listeners.reading import FieldErrors, read_form
from bot.listeners.replies import Reply, errors_reply, form_problem_reply
from bot.model.problem import Problem


async def submission_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Take the form's request in and return what its ack says; None closes the form."""
    try:
        submission = Submission.read(body)
        conversation = FormOrigin.read(submission.view.private_metadata).conversation
        intake.admit(submission.requester, conversation.channel_id)
        read = read_form(submission.values, intake.known_regions)
        if isinstance(read, FieldErrors):
            return errors_reply(read, intake.language)
        await intake.accept(submission.requester, conversation, read, submission.delivery)
    except Problem as problem:
        return form_problem_reply(problem.details, intake.language)
    return None
