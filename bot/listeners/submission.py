"""The form was submitted: decided again, for whoever submits it now, then stored, then acknowledged."""

from typing import Any

from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.payloads import Submission
from bot.listeners.reading import FieldErrors, read_form
from bot.listeners.replies import Reply, errors_reply, form_problem_reply
from bot.model.audit import Attempt
from bot.model.problem import Problem
from bot.slack.channel_choice import CHANNEL

# Said beside the field in which the channel was chosen, so that another one can be.
_OF_CHANNEL = frozenset({"access.channel_not_allowed", "form.channel_missing"})


async def submission_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Take the form's request in and return what its ack says; None closes the form."""
    try:
        submission = Submission.read(body)
    except Problem as problem:
        return form_problem_reply(problem.details, intake.language)
    await intake.learn_who(submission.requester)
    attempt = Attempt(submission.requester, channel_id=None)
    try:
        metadata, user_id = submission.view.private_metadata, submission.requester.user_id
        origin = FormOrigin.read(metadata, user_id, intake.form_key)
        conversation = origin.conversation(submission.chosen_channel)
        attempt = attempt._replace(channel_id=conversation.channel_id)
        intake.admit(submission.requester, conversation.channel_id)
        read = read_form(submission.values, intake.all_regions)
        if isinstance(read, FieldErrors):
            return errors_reply(read, intake.language_for(submission.requester))
        attempt = attempt._replace(request=read)
        await intake.accept(submission.requester, conversation, read, submission.delivery)
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        if problem.code in _OF_CHANNEL and submission.asks_for_channel:
            errors = FieldErrors(by_field={CHANNEL: problem.details})
            return errors_reply(errors, intake.language_for(submission.requester))
        return form_problem_reply(problem.details, intake.language_for(submission.requester))
    return None
