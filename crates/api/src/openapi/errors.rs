//! What is answered to a request that is refused or fails.

use serde_json::{Map, Value, json};

/// Every status of a refusal, and what it means.
const STATUSES: [(&str, &str); 12] = [
    ("400", "The request makes no sense or is refused by a rule; nothing happened. `code` and `msg` say which."),
    ("401", "The API key is malformed, unknown, or may not do this."),
    ("404", "There is no such thing."),
    ("408", "The body did not arrive in time."),
    ("409", "One half of a cancel-replace was done and the other was not; `data` has both answers."),
    ("413", "The body is too long."),
    ("418", "Banned for a while, for going on after 429; `Retry-After` says how long."),
    ("429", "A rate limit is reached; `Retry-After` says for how long."),
    ("431", "The head of the request is too long."),
    ("500", "A fault of the exchange."),
    ("503", "The exchange is overloaded or stopping; `msg` says whether the outcome is known."),
    ("504", "The answer did not come in time; the outcome is unknown."),
];

/// The statuses that an operation may answer with beside 200.
pub(super) fn statuses(user: bool, changes: bool) -> impl Iterator<Item = &'static str> {
    STATUSES.into_iter().map(|(status, _)| status).filter(move |status| match *status {
        "401" => user,
        "409" => changes,
        _ => true,
    })
}

/// The shared responses, by status.
pub(super) fn responses() -> Map<String, Value> {
    let response = |(status, description): (&str, &str)| {
        let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
        (status.to_owned(), json!({ "description": description, "content": content }))
    };
    STATUSES.into_iter().map(response).collect()
}

/// The body of each.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal. Codes and sentences are those of Binance Spot.",
        "required": ["code", "msg"],
        "properties": {
            "code": { "type": "integer", "description": "Stable; negative." },
            "msg": { "type": "string", "description": "What was wrong, and what to do." },
            "data": { "description": "More, where there is more to say." },
        },
    })
}
