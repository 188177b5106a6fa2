//! A small page of the queues, until there is an admin application: the session of a browser opens it.

use jobs::{Filter, State};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};

use super::job::{JobShape, QueueShape, ScheduleShape};
use crate::native::input::Nothing;
use crate::native::output::{Content200, Html};
use crate::native::page::keyset;
use crate::native::shapes::PageQuery;
use crate::native::{Call, Officer, Problem};

/// The page: queues, the newest dead letters, and schedules.
pub(in crate::native) async fn show(call: Call<Officer, Nothing>) -> Result<Content200<Html>, Problem> {
    let jobs = &call.app.native.jobs;
    let queues: Vec<QueueShape> = jobs.status().await?.into_iter().map(QueueShape::from).collect();
    let dead = Filter { state: Some(State::Dead), ..Filter::default() };
    let dead = jobs.page(&dead, &keyset(&PageQuery::default())?).await?;
    let dead: Vec<JobShape> = dead.items.into_iter().map(JobShape::from).collect();
    let schedules: Vec<ScheduleShape> = jobs.schedules().await?.into_iter().map(ScheduleShape::from).collect();
    Ok(Content200::page(render(&queues, &dead, &schedules).map_err(Problem::internal)?))
}

fn render(queues: &[QueueShape], dead: &[JobShape], schedules: &[ScheduleShape]) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let page = environment.template_from_str(include_str!("job_page.html"))?;
    let states: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
    let [queues, dead, schedules] =
        [Value::from(Serde(queues)), Value::from(Serde(dead)), Value::from(Serde(schedules))];
    page.render(context! { states, queues, dead, schedules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_what_there_is_and_nothing_in_a_failure_becomes_a_tag() {
        let job = jobs::Summary {
            id: 7,
            queue: "mail".to_owned(),
            kind: "letter".to_owned(),
            state: State::Dead,
            priority: 0,
            attempts: 3,
            run_at_us: 1_700_000_000_000_000,
            created_us: 1_700_000_000_000_000,
            started_us: None,
            finished_us: None,
            error: Some("<script>\"&'".to_owned()),
        };
        let queue = jobs::QueueStatus {
            name: "mail".to_owned(),
            paused: true,
            limits: jobs::Limits::default(),
            counts: jobs::Counts { waiting: 21, dead: 1, ..jobs::Counts::default() },
            waits_us: Some(5_000_000),
        };
        let page = render(&[queue.into()], &[job.into()], &[]).unwrap();
        for part in [
            "&lt;script&gt;&quot;&amp;&#x27;",
            ">paused<",
            ">21<",
            ">5000 ms<",
            "2023-11-14T22:13:20",
            "There are none.",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("<script"));
    }
}
