//! Jobs, the failures of their attempts, queues and schedules.
//!
//! The indexes of `jobs_jobs` are partial, each over the states that it serves: a finished job then costs the queue nothing. The
//! numbers in their conditions are those of `State::code`. Statements must write them as numbers, not as parameters: only then
//! do both databases see that an index fits.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum JobsJobs {
    Table,
    Id,
    Queue,
    Kind,
    Payload,
    Priority,
    State,
    RunAtUs,
    UniqueKey,
    Retry,
    Attempts,
    Claim,
    Beats,
    BeatUs,
    LeaseUs,
    Worker,
    CreatedUs,
    StartedUs,
    FinishedUs,
    Error,
}

#[derive(DeriveIden)]
enum JobsErrors {
    Table,
    JobId,
    Claim,
    Attempt,
    AtUs,
    Worker,
    Error,
}

#[derive(DeriveIden)]
enum JobsQueues {
    Table,
    Name,
    Paused,
    Concurrency,
    RateJobs,
    RateUs,
    WindowUs,
    WindowJobs,
}

#[derive(DeriveIden)]
enum JobsSchedules {
    Table,
    Name,
    Cron,
    Zone,
    Queue,
    Kind,
    Payload,
    Priority,
    UniqueKey,
    Retry,
    NextUs,
    LastUs,
}

fn number<T: IntoIden>(column: T) -> ColumnDef {
    ColumnDef::new(column).big_integer().not_null().to_owned()
}

fn text<T: IntoIden>(column: T) -> ColumnDef {
    ColumnDef::new(column).text().not_null().to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(jobs()).await?;
        manager.create_table(errors()).await?;
        manager.create_table(queues()).await?;
        manager.create_table(schedules()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn jobs() -> TableCreateStatement {
    Table::create()
        .table(JobsJobs::Table)
        .col(number(JobsJobs::Id).auto_increment().primary_key())
        .col(text(JobsJobs::Queue))
        .col(text(JobsJobs::Kind))
        .col(text(JobsJobs::Payload))
        .col(number(JobsJobs::Priority))
        .col(number(JobsJobs::State))
        .col(number(JobsJobs::RunAtUs))
        .col(ColumnDef::new(JobsJobs::UniqueKey).text())
        .col(text(JobsJobs::Retry))
        .col(number(JobsJobs::Attempts))
        .col(number(JobsJobs::Claim))
        .col(number(JobsJobs::Beats))
        .col(number(JobsJobs::BeatUs))
        .col(number(JobsJobs::LeaseUs))
        .col(text(JobsJobs::Worker))
        .col(number(JobsJobs::CreatedUs))
        .col(ColumnDef::new(JobsJobs::StartedUs).big_integer())
        .col(ColumnDef::new(JobsJobs::FinishedUs).big_integer())
        .col(ColumnDef::new(JobsJobs::Error).text())
        .to_owned()
}

fn errors() -> TableCreateStatement {
    Table::create()
        .table(JobsErrors::Table)
        .col(number(JobsErrors::JobId))
        .col(number(JobsErrors::Claim))
        .col(number(JobsErrors::Attempt))
        .col(number(JobsErrors::AtUs))
        .col(text(JobsErrors::Worker))
        .col(text(JobsErrors::Error))
        .primary_key(Index::create().col(JobsErrors::JobId).col(JobsErrors::Claim))
        .foreign_key(
            ForeignKey::create()
                .from(JobsErrors::Table, JobsErrors::JobId)
                .to(JobsJobs::Table, JobsJobs::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn queues() -> TableCreateStatement {
    Table::create()
        .table(JobsQueues::Table)
        .col(text(JobsQueues::Name).primary_key())
        .col(number(JobsQueues::Paused))
        .col(ColumnDef::new(JobsQueues::Concurrency).big_integer())
        .col(ColumnDef::new(JobsQueues::RateJobs).big_integer())
        .col(ColumnDef::new(JobsQueues::RateUs).big_integer())
        .col(number(JobsQueues::WindowUs))
        .col(number(JobsQueues::WindowJobs))
        .to_owned()
}

fn schedules() -> TableCreateStatement {
    Table::create()
        .table(JobsSchedules::Table)
        .col(text(JobsSchedules::Name).primary_key())
        .col(text(JobsSchedules::Cron))
        .col(text(JobsSchedules::Zone))
        .col(text(JobsSchedules::Queue))
        .col(text(JobsSchedules::Kind))
        .col(text(JobsSchedules::Payload))
        .col(number(JobsSchedules::Priority))
        .col(ColumnDef::new(JobsSchedules::UniqueKey).text())
        .col(text(JobsSchedules::Retry))
        .col(number(JobsSchedules::NextUs))
        .col(ColumnDef::new(JobsSchedules::LastUs).big_integer())
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 6] {
    let on_jobs = |name: &str| Index::create().name(name).table(JobsJobs::Table).to_owned();
    [
        on_jobs("jobs_jobs_waiting")
            .col(JobsJobs::Queue)
            .col((JobsJobs::Priority, IndexOrder::Desc))
            .col(JobsJobs::RunAtUs)
            .col(JobsJobs::Id)
            .and_where(Expr::cust("state = 0"))
            .to_owned(),
        on_jobs("jobs_jobs_delayed")
            .col(JobsJobs::Queue)
            .col(JobsJobs::RunAtUs)
            .and_where(Expr::cust("state = 1"))
            .to_owned(),
        on_jobs("jobs_jobs_running")
            .col(JobsJobs::Queue)
            .col(JobsJobs::Id)
            .and_where(Expr::cust("state = 2"))
            .to_owned(),
        on_jobs("jobs_jobs_finished")
            .col(JobsJobs::Queue)
            .col(JobsJobs::State)
            .col(JobsJobs::FinishedUs)
            .and_where(Expr::cust("state >= 3"))
            .to_owned(),
        // Of the jobs of one kind and key only one is active.
        on_jobs("jobs_jobs_active_key")
            .col(JobsJobs::Kind)
            .col(JobsJobs::UniqueKey)
            .unique()
            .and_where(Expr::cust("unique_key IS NOT NULL AND state <= 2"))
            .to_owned(),
        Index::create().name("jobs_schedules_next").table(JobsSchedules::Table).col(JobsSchedules::NextUs).to_owned(),
    ]
}
