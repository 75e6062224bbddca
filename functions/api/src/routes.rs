//! The routes, each beside the words that describe it.

pub(crate) mod answers;
pub(crate) mod arranging;
pub(crate) mod catalog;
pub(crate) mod consents;
pub(crate) mod ending;
pub(crate) mod failures;
pub(crate) mod goals;
pub(crate) mod history;
pub(crate) mod links;
mod mail_links;
pub(crate) mod operator;
pub(crate) mod preferences;
mod progress;
pub(crate) mod recommendations;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod runs;
pub(crate) mod selections;
pub(crate) mod tasks;
pub(crate) mod tickets;
pub(crate) mod told;
mod unsubscribe;

pub use runs::EventList;

use crate::app::Shared;
use crate::openapi::{DOCUMENT, operation};
use crate::outside::Outside;
use crate::view::{Question, RunReport, SelectionResult};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Nobody is known by the token, or it is not good.
const WHO: (u16, &str) = (401, "No bearer token, or not a good one.");
/// It is not there, or another user's.
const NOTHING: (u16, &str) = (404, "It does not exist, or is another user's.");
/// The body or the query is wrong.
const WRONG: (u16, &str) = (400, "Fields are wrong; all are named.");

/// It is over, or is being ended in another way.
const OVER: (u16, &str) = (409, "It has ended, or is being ended in another way; the state is told.");

/// The question waits no longer.
const CLOSED: (u16, &str) = (409, "It was decided, is closed, or was asked anew.");
/// Not every question can be arranged.
const BY_HAND: (u16, &str) = (422, "It is nothing that is done by hand.");

/// Every route.
pub(crate) fn all<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .route("/openapi.json", get(document))
        .route("/healthz", get(healthy))
        // For mail programs, which read no document.
        .route("/unsubscribe/{secret}", get(unsubscribe::look::<P>).post(unsubscribe::switch_off::<P>))
        .merge(intake::<P>())
        .merge(running::<P>())
        .merge(steering::<P>())
        .merge(asked::<P>())
        .merge(allowed::<P>())
        .merge(told::<P>())
        .merge(brought::<P>())
        .merge(operator::routes::<P>())
}

fn intake<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/workflows",
            get_with(catalog::list::<P>, |op| {
                operation(op, "list_workflows", "Every workflow there is", &[WHO])
            }),
        )
        .api_route(
            "/recommendations",
            get_with(recommendations::list::<P>, |op| {
                operation(
                    op,
                    "list_recommendations",
                    "What was recommended, the latest day first",
                    &[WRONG, WHO],
                )
            }),
        )
        .api_route(
            "/recommendations/{recommendation_id}",
            get_with(recommendations::one::<P>, |op| {
                operation(op, "get_recommendation", "One recommendation with its figures", &[WHO, NOTHING])
            }),
        )
        .api_route(
            "/selections",
            post_with(selections::select::<P>, |op| {
                let conflict = (409, "The key was used for another selection, or such a run is under way.");
                let unfit = (422, "The workflow was not recommended or is not available.");
                let problems = [WRONG, WHO, NOTHING, conflict, unfit];
                operation(op, "select", "Start a recommended workflow, once per key", &problems)
                    .response_with::<200, Json<SelectionResult>, _>(|it| {
                        it.description("The key's run, as before.")
                    })
                    .response_with::<201, Json<SelectionResult>, _>(|it| it.description("A new run."))
            }),
        )
}

fn running<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/runs",
            get_with(runs::list::<P>, |op| {
                operation(op, "list_runs", "The caller's runs, the newest first", &[WRONG, WHO])
            }),
        )
        .api_route(
            "/runs/{run_id}",
            get_with(runs::one::<P>, |op| {
                operation(op, "get_run", "The progress card of a run", &[WHO, NOTHING])
            }),
        )
        .api_route(
            "/runs/{run_id}/events",
            get_with(runs::events::<P>, |op| {
                operation(op, "list_events", "What happened in a run, in order", &[WRONG, WHO, NOTHING])
            }),
        )
        .api_route(
            "/runs/{run_id}/tasks",
            get_with(tasks::of_run::<P>, |op| {
                operation(op, "list_run_tasks", "The open questions of a run", &[WHO, NOTHING])
            }),
        )
        .api_route(
            "/runs/{run_id}/report",
            get_with(report::report::<P>, |op| {
                let summary = "What a run has done, undone and left, and how to reverse the rest";
                operation(op, "get_report", summary, &[WHO, NOTHING])
                    .response_with::<200, Json<RunReport>, _>(|it| {
                        it.description("The report; its text alone for `Accept: text/plain`.")
                    })
            }),
        )
}

fn steering<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/runs/{run_id}/cancel",
            post_with(ending::cancel::<P>, |op| {
                operation(op, "cancel", "End a run and undo what it did", &[WHO, NOTHING, OVER])
            }),
        )
        .api_route(
            "/runs/{run_id}/stop",
            post_with(ending::stop::<P>, |op| {
                operation(op, "stop", "End a run and keep what it did", &[WHO, NOTHING, OVER])
            }),
        )
        .api_route(
            "/runs/{run_id}/resume",
            post_with(resume::resume::<P>, |op| {
                let state =
                    (409, "It is not in a state to be resumed, or not from there or with that version; why.");
                let unfit = (422, "It takes no checkpoint or version.");
                let summary = "Take up a stopped run again, or undo further what needs attention";
                operation(op, "resume", summary, &[WRONG, WHO, NOTHING, state, unfit])
            }),
        )
        .api_route(
            "/progress/{run_id}/{step_id}",
            post_with(progress::report_progress::<P>, |op| {
                operation(op, "report_progress", "An agent reports, with its step's own token", &[WRONG, WHO])
            }),
        )
}

fn asked<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/tasks",
            get_with(tasks::open::<P>, |op| {
                operation(op, "list_tasks", "The caller's open questions", &[WHO])
            }),
        )
        .api_route(
            "/tasks/{task_id}",
            get_with(tasks::one::<P>, |op| operation(op, "get_task", "One question", &[WHO, NOTHING]))
                .patch_with(arranging::change::<P>, |op| {
                    let summary = "Move the due date of a manual step, snooze it, or leave a note";
                    operation(op, "arrange_task", summary, &[WRONG, WHO, NOTHING, CLOSED, BY_HAND])
                }),
        )
        .api_route(
            "/tasks/{task_id}/proofs",
            post_with(arranging::upload::<P>, |op| {
                let summary = "Prepare the upload of a file that proves a manual step";
                operation(op, "upload_proof", summary, &[WRONG, WHO, NOTHING, CLOSED, BY_HAND])
            }),
        )
        .api_route(
            "/tasks/{task_id}/proofs/{file}",
            put_with(arranging::take::<P>, |op| {
                let summary = "Take an uploaded file as a proof";
                operation(op, "take_proof", summary, &[WRONG, WHO, NOTHING, CLOSED, BY_HAND])
            })
            .get_with(arranging::fetch::<P>, |op| {
                operation(
                    op,
                    "get_proof",
                    "Where a file that proves a manual step can be had",
                    &[WHO, NOTHING],
                )
                .response_with::<303, (), _>(|it| it.description("To the file, for some minutes."))
            }),
        )
        .api_route(
            "/tasks/{task_id}/answers",
            post_with(answers::answer::<P>, |op| {
                let before = (409, "It was decided otherwise, is closed, or has changed since it was shown.");
                let unfit = (422, "The question does not offer this.");
                let problems = [WRONG, WHO, NOTHING, before, unfit];
                operation(op, "answer", "Answer a question", &problems)
            }),
        )
}

fn allowed<P: Outside>() -> ApiRouter<Shared<P>> {
    let unknown = (422, "No workflow needs this.");
    ApiRouter::new()
        .api_route(
            "/goals",
            get_with(goals::get::<P>, |op| operation(op, "get_goals", "The caller's goals", &[WHO]))
                .put_with(goals::put::<P>, |op| {
                    operation(op, "put_goals", "Replace all goals", &[WRONG, WHO])
                }),
        )
        .api_route(
            "/links",
            get_with(links::list::<P>, |op| operation(op, "list_links", "The linked providers", &[WHO])),
        )
        .api_route(
            "/links/{provider}",
            put_with(links::put::<P>, move |op| {
                operation(op, "link", "Link a provider", &[WRONG, WHO, unknown])
            })
            .merge(delete_with(links::delete::<P>, |op| {
                operation(op, "unlink", "Forget a provider's link", &[WHO, NOTHING])
            })),
        )
        .api_route(
            "/consents",
            get_with(consents::list::<P>, |op| {
                operation(op, "list_consents", "The consents ever given", &[WHO])
            }),
        )
        .api_route(
            "/consents/{scope}",
            put_with(consents::grant::<P>, move |op| {
                operation(op, "grant_consent", "Grant a consent", &[WRONG, WHO, unknown])
            })
            .merge(delete_with(consents::revoke::<P>, |op| {
                operation(op, "revoke_consent", "Take a consent back", &[WHO, NOTHING])
            })),
        )
}

fn told<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/preferences",
            get_with(preferences::get::<P>, |op| {
                operation(op, "get_preferences", "What the caller wants to be told, and how", &[WHO])
            })
            .put_with(preferences::put::<P>, |op| {
                let many = (429, "As many codes were sent to new addresses today as may be.");
                operation(op, "put_preferences", "Replace all preferences", &[WRONG, WHO, many])
            }),
        )
        .api_route(
            "/preferences/{channel}/confirmation",
            post_with(preferences::confirm::<P>, |op| {
                let none = (409, "No code is waited for.");
                let summary = "Confirm a new mail address or number by the code that was sent there";
                let many = (429, "As many wrong codes were said today as may be.");
                operation(op, "confirm_address", summary, &[WRONG, WHO, NOTHING, none, many])
            }),
        )
        .api_route(
            "/preferences/{channel}/code",
            post_with(preferences::code_again::<P>, |op| {
                let none = (409, "No code is waited for.");
                let summary = "Have another code sent to a new mail address or number";
                let many = (429, "As many codes were sent today as may be.");
                operation(op, "send_code_again", summary, &[WHO, NOTHING, none, many])
            }),
        )
        .api_route(
            "/notices",
            get_with(told::list::<P>, |op| {
                operation(op, "list_notices", "What the caller was told, the newest first", &[WRONG, WHO])
            }),
        )
        .api_route(
            "/notices/read",
            post_with(told::read_all::<P>, |op| {
                operation(op, "read_all_notices", "Mark all notices as read", &[WHO])
            }),
        )
        .api_route(
            "/notices/{notice_id}/read",
            post_with(told::read::<P>, |op| {
                operation(op, "read_notice", "Mark a notice as read", &[WHO, NOTHING])
            }),
        )
        .api_route(
            "/ws-ticket",
            post_with(tickets::issue::<P>, |op| {
                let nowhere = (503, "There are no live updates here.");
                operation(op, "issue_ticket", "A ticket that opens a socket, once", &[WHO, nowhere])
            }),
        )
        .api_route(
            "/link/{secret}",
            get_with(mail_links::follow::<P>, |op| {
                operation(op, "follow_link", "Where the link in a mail leads", &[WHO, NOTHING])
                    .response_with::<200, Json<Question>, _>(|it| {
                        it.description("With its user's token: the question.")
                    })
                    .response_with::<303, (), _>(|it| {
                        it.description("Without a token: to the question's page, which asks who it is.")
                    })
            }),
        )
}

/// What the runs have brought, and what the user made of it.
fn brought<P: Outside>() -> ApiRouter<Shared<P>> {
    ApiRouter::new()
        .api_route(
            "/impact",
            get_with(history::impact::<P>, |op| {
                let summary = "What all runs have brought: promised, confirmed, realised, over time";
                operation(op, "get_impact", summary, &[WHO])
            }),
        )
        .api_route(
            "/achievements",
            get_with(history::achievements::<P>, |op| {
                operation(op, "list_achievements", "Achievements unlocked, and those to come", &[WHO])
            }),
        )
        .api_route(
            "/declines",
            get_with(history::declines::<P>, |op| {
                operation(op, "list_declines", "What the caller does not want to be suggested", &[WHO])
            }),
        )
        .api_route(
            "/recommendations/{recommendation_id}/declines",
            post_with(history::decline::<P>, |op| {
                let unfit = (422, "The workflow was not recommended there.");
                let summary = "Say that a recommended workflow is not wanted";
                operation(op, "decline", summary, &[WRONG, WHO, NOTHING, unfit])
            }),
        )
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=300")], DOCUMENT)
        .into_response()
}

async fn healthy() -> &'static str {
    "ok"
}
