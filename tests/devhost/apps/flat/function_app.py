"""The cheapest orchestration there is, and one that touches everything the host keeps books of."""

from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def nothing(context: df.DurableOrchestrationContext):
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def busy(context: df.DurableOrchestrationContext):
    """An activity against a timer that is taken back, a child, an entity that goes again, and a new execution."""
    if context.get_input() == "again":
        return "done"
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    winner = yield context.task_any([context.call_activity("say", "hello"), timer])
    timer.cancel()
    yield context.call_sub_orchestrator("nothing", winner.result)
    yield context.call_entity(df.EntityId("passing", context.instance_id), "come")
    yield context.call_entity(df.EntityId("passing", context.instance_id), "go")
    context.continue_as_new("again")
    return None


@app.activity_trigger(input_name="word")
def say(word: str) -> str:
    return word


@app.entity_trigger(context_name="context")
def passing(context: df.DurableEntityContext):
    if context.operation_name == "come":
        context.set_state("here")
    else:
        context.destruct_on_exit()
