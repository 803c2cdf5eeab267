"""Forms that one of OpenAI's models fills in; importing this module loads its SDK.

Chat completions with structured outputs (https://platform.openai.com/docs/guides/structured-outputs): the answer keeps
to a strict JSON schema, every field of it is required.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.openai_client import OpenAiClient
from shared.discovery.intents.reading import TEXT_LENGTH_MAX
from shared.records import Unavailable

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionContentPartParam

_log = logging.getLogger(__name__)

ANSWER_TOKENS_MAX = 2_000


class Form(BaseModel):
    """What a model may say, and nothing beside it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)


F = TypeVar("F", bound=Form)


class _Message(BaseModel):
    model_config = ConfigDict(defer_build=True)

    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    model_config = ConfigDict(defer_build=True)

    finish_reason: str
    message: _Message


class _Completion(BaseModel):
    model_config = ConfigDict(defer_build=True)

    choices: Annotated[list[_Choice], Field(min_length=1)]


async def filled(
    client: OpenAiClient,
    model: str,
    form: type[F],
    instructions: str,
    told: Sequence[ChatCompletionContentPartParam],
    *,
    seconds_max: float,
    retries_max: int,
) -> F | None:
    """A form as the model fills it in; None where it refuses, is cut off, answers what does not parse, or is not there
    within seconds_max. Nothing of what is asked or answered is logged."""

    async def asked(sdk: AsyncOpenAI) -> bytes:
        answer = await sdk.chat.completions.with_raw_response.create(
            model=model,
            messages=[{"role": "system", "content": instructions}, {"role": "user", "content": told}],
            max_completion_tokens=ANSWER_TOKENS_MAX,
            response_format=_response_format(form),
        )
        return answer.content

    try:
        return _read(form, await client.ask(asked, seconds_max=seconds_max, retries_max=retries_max))
    except Unavailable as error:
        _log.warning("The model did not fill in %s: %s", form.__name__, error)
        return None


def marked(text: str, opening: str, closing: str) -> str:
    """Somebody's text between marks that it cannot close itself: angle brackets become angle quotes."""
    return f"{opening}\n{harmless(text)}\n{closing}"


def harmless(text: str) -> str:
    """A text without marks in it, and no longer than any that is read."""
    return text[:TEXT_LENGTH_MAX].replace("<", "\u2039").replace(">", "\u203a")


def _read(form: type[F], body: bytes) -> F | None:
    try:
        choice = _Completion.model_validate_json(body).choices[0]
        if choice.message.refusal is not None or choice.finish_reason != "stop" or choice.message.content is None:
            why = "it refused" if choice.message.refusal is not None else f"it ended by {choice.finish_reason!r}"
            _log.warning("The model did not fill in %s: %s", form.__name__, why)
            return None
        return form.model_validate_json(choice.message.content)
    except ValidationError as error:
        kinds = sorted({one["type"] for one in error.errors(include_url=False, include_input=False)})
        _log.warning("What the model filled in as %s does not parse: %s", form.__name__, ", ".join(kinds))
        return None


@cache
def _response_format(form: type[Form]) -> Any:
    schema = form.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": form.__name__.lower(), "strict": True, "schema": schema}}
