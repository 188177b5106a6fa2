//! CPU time, for figures that do not depend on what else the machine does, and who goes first when it is short.

use std::time::Duration;

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};

/// CPU time that this thread has used.
pub fn thread_time() -> Duration {
    read(ClockId::ThreadCPUTime)
}

/// CPU time that this process has used, all threads together.
pub fn process_time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// The nicest that Linux knows.
const LAST: i32 = 19;

/// Lets all other threads go first from now on: for work of this thread that nobody waits for. Where the system does not
/// allow it, nothing changes.
pub fn give_way() {
    // On Linux the priority is a thread's own, and the id of a thread names it.
    if let Err(cause) = setpriority_process(Some(gettid()), LAST) {
        tracing::debug!(%cause, "a thread in the background keeps its priority");
    }
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    // Both parts of a CPU time are never negative.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
