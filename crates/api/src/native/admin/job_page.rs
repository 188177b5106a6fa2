//! A small page of the queues, until there is an admin application: the session of a browser opens it.

use jobs::{Filter, State};

use super::job::{JobShape, QueueShape};
use crate::native::input::Nothing;
use crate::native::output::{Content200, Html};
use crate::native::page::keyset;
use crate::native::shapes::PageQuery;
use crate::native::{Call, Officer, Problem};

const STYLE: &str = "body{font:14px system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}\
    table{border-collapse:collapse;margin:0 0 2rem}th,td{padding:.35rem .8rem;border-bottom:1px solid #d0d7de;text-align:left}\
    td.n{text-align:right;font-variant-numeric:tabular-nums}.dead,.paused{color:#b42318}h1{font-size:1.3rem}h2{font-size:1.05rem}";

/// The page: queues, and the newest dead letters.
pub(in crate::native) async fn show(call: Call<Officer, Nothing>) -> Result<Content200<Html>, Problem> {
    let jobs = &call.app.native.jobs;
    let queues: Vec<QueueShape> = jobs.status().await?.into_iter().map(QueueShape::from).collect();
    let dead = Filter { state: Some(State::Dead), ..Filter::default() };
    let dead = jobs.page(&dead, &keyset(&PageQuery::default())?).await?;
    let dead: Vec<JobShape> = dead.items.into_iter().map(JobShape::from).collect();
    Ok(Content200::page(render(&queues, &dead)))
}

fn render(queues: &[QueueShape], dead: &[JobShape]) -> String {
    let mut rows = String::new();
    for queue in queues {
        let state = if queue.paused { "<td class=paused>paused</td>" } else { "<td>runs</td>" };
        let counts = [queue.waiting, queue.delayed, queue.running, queue.done, queue.dead, queue.cancelled];
        let cells: String = counts.iter().map(|count| format!("<td class=n>{count}</td>")).collect();
        rows.push_str(&format!("<tr><td>{}</td>{state}{cells}</tr>", escaped(&queue.name)));
    }
    let mut letters = String::new();
    for job in dead {
        letters.push_str(&format!(
            "<tr><td class=n>{}</td><td>{}</td><td>{}</td><td class=n>{}</td><td>{}</td><td class=dead>{}</td></tr>",
            job.id,
            escaped(&job.queue),
            escaped(&job.kind),
            job.attempts,
            escaped(&job.run_at),
            escaped(job.error.as_deref().unwrap_or_default())
        ));
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Queues</title><style>{STYLE}</style><h1>Queues</h1>\
         <table><tr><th>Queue<th>State<th>Waiting<th>Delayed<th>Running<th>Done<th>Dead<th>Cancelled</tr>{rows}</table>\
         <h2>Newest dead letters</h2><table><tr><th>Id<th>Queue<th>Kind<th>Attempts<th>Since<th>Failure</tr>{letters}</table>\
         <p>To retry, promote, cancel, pause or clean: <code>/api/v2/admin/jobs</code> in the <a href=/scalar>API reference</a>.</p>"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_failure_becomes_a_tag() {
        assert_eq!(escaped("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
    }
}
