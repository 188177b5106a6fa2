//! Sub-accounts, and transfers that are done once.

use std::sync::{Arc, Mutex};

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::expect;
use identity::Permissions;
use model::{
    AccountId, AccountImage, Amount, AssetId, Batch, Command, Envelope, Event, Reject, Sequence, SourceId, SourceSeq,
    Step, TierId, Timestamp,
};

use crate::door::{ACCOUNT, Door, Key, NOW_US, image, key};
use crate::order_types::check;

const SUB: AccountId = AccountId(1_002);
const OTHER_SUB: AccountId = AccountId(1_003);
const STRANGER: AccountId = AccountId(2_000);

const TRANSFER: &str = "/sapi/v1/sub-account/universalTransfer";
const SPOT: &str = "fromAccountType=SPOT&toAccountType=SPOT";

/// What the exchange answers to transfers, until it is told otherwise.
#[derive(Clone, Copy)]
enum Answer {
    Move,
    Refuse,
    Repeat,
    Fail(SubmitError),
}

struct Family {
    door: Door,
    sub: Key,
    answer: Arc<Mutex<Answer>>,
}

impl Family {
    /// A master with two sub-accounts, and somebody else's.
    async fn open() -> Self {
        let answer = Arc::new(Mutex::new(Answer::Move));
        let answers = Arc::clone(&answer);
        let door = Door::answering(move |command| {
            let Command::Transfer { from, to, asset, amount } = command else { return Err(SubmitError::Busy) };
            match *answers.lock().unwrap() {
                Answer::Move => Ok(vec![Event::Transferred { from, to, asset, amount }]),
                Answer::Refuse => Ok(vec![Event::Rejected { account: from, reason: Reject::InsufficientBalance }]),
                Answer::Repeat => Ok(vec![Event::Duplicate { source: SourceId::TRANSFERS, source_seq: SourceSeq(0) }]),
                Answer::Fail(error) => Err(error),
            }
        })
        .await;
        let mut image = image();
        let account = |account, parent| AccountImage { account, parent, tier: TierId(0) };
        image.accounts.extend([
            account(SUB, ACCOUNT),
            account(OTHER_SUB, ACCOUNT),
            account(STRANGER, AccountId(1_999)),
        ]);
        door.app.load(&image).unwrap();
        let sub = key(&door.app.keys, SUB, Permissions::READ_TRADE).await;
        Self { door, sub, answer }
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The master sends to its first sub-account.
    async fn send(&self, query: &str) -> crate::door::Answered {
        self.door.signed(Method::POST, TRANSFER, &format!("{SPOT}&toEmail=1002&{query}")).await
    }

    /// Positions of the commands that reached the exchange.
    fn positions(&self) -> Vec<u64> {
        let envelopes = self.door.envelopes();
        assert!(envelopes.iter().all(|envelope| envelope.source == SourceId::TRANSFERS));
        envelopes.iter().map(|envelope| envelope.source_seq.0).collect()
    }
}

#[tokio::test]
async fn a_transfer_is_one_command_of_the_journal() {
    let family = Family::open().await;
    let answered = family.send("asset=USDT&amount=12.5&clientTranId=first").await;
    assert_eq!((answered.status.as_u16(), answered.body.as_str()), (200, r#"{"tranId":1,"clientTranId":"first"}"#));
    let command = Command::Transfer { from: ACCOUNT, to: SUB, asset: AssetId(3), amount: Amount(1_250_000_000) };
    let envelope = Envelope { source: SourceId::TRANSFERS, source_seq: SourceSeq(1), command };
    assert_eq!(family.door.envelopes(), [envelope]);
    check(
        &family.door.signed(Method::GET, "/sapi/v4/sub-account/assets", "email=1002").await,
        expect![[r#"
            200
            {"balances":[{"freeze":"0.00000000",
            "withdrawing":"0.00000000",
            "asset":"USDT",
            "free":"12.50000000",
            "locked":"0.00000000"}]}
        "#]],
    );
    // Between two sub-accounts, and without an id.
    let between = format!("{SPOT}&fromEmail=1002&toEmail=1003&asset=USDT&amount=2");
    assert_eq!(family.door.signed(Method::POST, TRANSFER, &between).await.body, r#"{"tranId":2}"#);
    // A sub-account by itself.
    let own = async |path: &str, query: &str| {
        let path = format!("/sapi/v1/sub-account/transfer/{path}");
        family.door.signed_by(&family.sub, Method::POST, &path, query).await.body
    };
    assert_eq!(own("subToMaster", "asset=USDT&amount=1").await, r#"{"txnId":"3"}"#);
    assert_eq!(own("subToSub", "toEmail=1003&asset=USDT&amount=1").await, r#"{"txnId":"4"}"#);
    assert_eq!(family.positions(), [1, 2, 3, 4]);
    check(
        &family.door.signed(Method::GET, TRANSFER, "fromEmail=1002&limit=2").await,
        expect![[r#"
        200
        {"result":[{"tranId":4,
        "fromEmail":"1002",
        "toEmail":"1003",
        "asset":"USDT",
        "amount":"1.00000000",
        "createTimeStamp":1700000000123,
        "fromAccountType":"SPOT",
        "toAccountType":"SPOT",
        "status":"SUCCESS",
        "clientTranId":""},{"tranId":3,
        "fromEmail":"1002",
        "toEmail":"1000",
        "asset":"USDT",
        "amount":"1.00000000",
        "createTimeStamp":1700000000123,
        "fromAccountType":"SPOT",
        "toAccountType":"SPOT",
        "status":"SUCCESS",
        "clientTranId":""}],
        "totalCount":3}
    "#]],
    );
    let history = "/sapi/v1/sub-account/transfer/subUserHistory";
    check(
        &family.door.signed_by(&family.sub, Method::GET, history, "type=1").await,
        expect![[r#"
        200
        [{"counterParty":"master",
        "email":"1000",
        "type":1,
        "asset":"USDT",
        "qty":"12.50000000",
        "fromAccountType":"SPOT",
        "toAccountType":"SPOT",
        "status":"SUCCESS",
        "tranId":1,
        "time":1700000000123}]
    "#]],
    );
    let out = family.door.signed_by(&family.sub, Method::GET, history, "asset=USDT&limit=2").await;
    assert_eq!(out.body.matches("\"type\":2").count(), 2, "{}", out.body);
}

#[tokio::test]
async fn the_same_id_is_the_same_transfer() {
    let family = Family::open().await;
    let first = family.send("asset=USDT&amount=12.5&clientTranId=a").await;
    assert_eq!(family.send("asset=USDT&amount=12.50&clientTranId=a").await.body, first.body);
    let taken = (400, -1130, "Data sent for parameter 'clientTranId' is not valid.".to_owned());
    assert_eq!(family.send("asset=USDT&amount=12.51&clientTranId=a").await.refusal(), taken);
    family.answers(Answer::Refuse);
    let poor = (400, -2010, "Account has insufficient balance for requested action.".to_owned());
    for _ in 0..2 {
        assert_eq!(family.send("asset=USDT&amount=99999&clientTranId=b").await.refusal(), poor);
    }
    assert_eq!(family.positions(), [1, 2]);
    let list = family.door.signed(Method::GET, TRANSFER, "").await.body;
    assert!(list.contains(r#""status":"FAILURE","clientTranId":"b""#), "{list}");
    assert!(list.ends_with(r#"],"totalCount":2}"#), "{list}");
}

#[tokio::test]
async fn what_was_not_taken_is_forgotten_and_what_may_have_been_is_sent_again() {
    let family = Family::open().await;
    family.answers(Answer::Fail(SubmitError::Busy));
    assert_eq!(family.send("asset=USDT&amount=1&clientTranId=a").await.refusal().1, -1008);
    // The outcome of the next is not known.
    family.answers(Answer::Fail(SubmitError::Stopped));
    assert_eq!(family.send("asset=USDT&amount=1&clientTranId=a").await.refusal().1, -1006);
    // It is settled first: the engine does it now.
    family.answers(Answer::Move);
    assert_eq!(family.send("asset=USDT&amount=2").await.body, r#"{"tranId":2}"#);
    assert_eq!(family.send("asset=USDT&amount=1&clientTranId=a").await.body, r#"{"tranId":1,"clientTranId":"a"}"#);
    assert_eq!(family.positions(), [1, 1, 1, 2]);
}

#[tokio::test]
async fn of_a_repeat_the_ledger_says_whether_money_moved() {
    for has_moved in [true, false] {
        let mut family = Family::open().await;
        family.answers(Answer::Fail(SubmitError::Stopped));
        assert_eq!(family.send("asset=USDT&amount=1&clientTranId=a").await.refusal().1, -1006);
        family.answers(Answer::Repeat);
        // Until SQL has followed, nothing can be said.
        assert_eq!(family.send("asset=USDT&amount=1&clientTranId=a").await.refusal().1, -1001);
        let moved = Event::Transferred { from: ACCOUNT, to: SUB, asset: AssetId(3), amount: Amount(100_000_000) };
        family.door.projector.apply(&[journal(if has_moved { moved } else { Event::Ticked })]).await.unwrap();
        let answered = family.send("asset=USDT&amount=1&clientTranId=a").await;
        if has_moved {
            assert_eq!(answered.body, r#"{"tranId":1,"clientTranId":"a"}"#);
        } else {
            assert_eq!(answered.refusal().1, -1130);
        }
        let positions = family.positions();
        assert!(positions.iter().all(|position| *position == 1), "{positions:?}");
    }
}

/// A journal longer than what the door has acknowledged, whose second command is the first of the transfers.
fn journal(transfer: Event) -> Arc<Batch> {
    let image = image();
    let mut events: Vec<Event> = image.assets.iter().map(|asset| Event::AssetAdded(*asset)).collect();
    let first = events.len() as u32;
    events.push(transfer);
    let mut steps = vec![(0, first, SourceId::NONE, 0), (first, 1, SourceId::TRANSFERS, 1)];
    for event in 0..200 {
        events.push(Event::Ticked);
        steps.push((first + 1 + event, 1, SourceId::NONE, 0));
    }
    let steps = (1..).zip(steps).map(|(sequence, (first_event, event_count, source, source_seq))| Step {
        sequence: Sequence(sequence),
        time: Timestamp(NOW_US),
        source,
        source_seq: SourceSeq(source_seq),
        first_event,
        event_count,
    });
    Arc::new(Batch { steps: steps.collect(), events })
}

#[tokio::test]
async fn nobody_reaches_beyond_the_family() {
    let family = Family::open().await;
    let only_master = "This operation is not supported: only a master account may ask for this.";
    let only_sub = "This operation is not supported: only a sub-account may ask for this.";
    let invalid = |name: &str| format!("Data sent for parameter '{name}' is not valid.");
    let master = &family.door.trader;
    let own = "/sapi/v1/sub-account/transfer";
    let cases: Vec<(&Key, Method, String, String, i64, String)> = vec![
        (
            &family.sub,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1003&asset=BTC&amount=1"),
            -1020,
            only_master.into(),
        ),
        (&family.sub, Method::GET, TRANSFER.into(), String::new(), -1020, only_master.into()),
        (&family.sub, Method::GET, "/sapi/v1/sub-account/list".into(), String::new(), -1020, only_master.into()),
        (
            &family.sub,
            Method::GET,
            "/sapi/v4/sub-account/assets".into(),
            "email=1003".into(),
            -1020,
            only_master.into(),
        ),
        (master, Method::POST, format!("{own}/subToMaster"), "asset=BTC&amount=1".into(), -1020, only_sub.into()),
        (master, Method::GET, format!("{own}/subUserHistory"), String::new(), -1020, only_sub.into()),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&fromEmail=2000&asset=BTC&amount=1"),
            -1130,
            invalid("fromEmail"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1&asset=BTC&amount=1"),
            -1130,
            invalid("toEmail"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1000&asset=BTC&amount=1"),
            -1130,
            invalid("toEmail"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=a@b.c&asset=BTC&amount=1"),
            -1130,
            invalid("toEmail"),
        ),
        (master, Method::GET, "/sapi/v4/sub-account/assets".into(), "email=2000".into(), -1130, invalid("email")),
        (
            &family.sub,
            Method::POST,
            format!("{own}/subToSub"),
            "toEmail=2000&asset=BTC&amount=1".into(),
            -1130,
            invalid("toEmail"),
        ),
        (
            &family.sub,
            Method::POST,
            format!("{own}/subToSub"),
            "toEmail=1002&asset=BTC&amount=1".into(),
            -1130,
            invalid("toEmail"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1002&asset=NONE&amount=1"),
            -1130,
            invalid("asset"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1002&asset=BTC&amount=0"),
            -1013,
            "Invalid amount.".into(),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1002&asset=BTC&amount=0.000000001"),
            -1111,
            "Parameter 'amount' has too much precision.".into(),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&toEmail=1002&asset=BTC&amount=99999999999999999999"),
            -1130,
            invalid("amount"),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            "fromAccountType=SPOT&toAccountType=USDT_FUTURE&toEmail=1002&asset=BTC&amount=1".into(),
            -1020,
            "This operation is not supported: an account has one wallet, for spot trading.".into(),
        ),
        (
            master,
            Method::POST,
            TRANSFER.into(),
            format!("{SPOT}&asset=BTC&amount=1"),
            -1102,
            "Param 'fromEmail' or 'toEmail' must be sent, but both were empty/null!".into(),
        ),
    ];
    for (key, method, path, query, code, sentence) in cases {
        let answered = family.door.signed_by(key, method, &path, &query).await;
        assert_eq!(answered.refusal(), (400, code, sentence), "{path}?{query}");
    }
    assert_eq!(family.door.commands(), []);
}

#[tokio::test]
async fn sub_accounts_are_listed_in_pages() {
    let family = Family::open().await;
    let list = async |query: &str| family.door.signed(Method::GET, "/sapi/v1/sub-account/list", query).await;
    check(
        &list("limit=1").await,
        expect![[r#"
        200
        {"subAccounts":[{"subUserId":1002,
        "email":"1002",
        "remark":"",
        "isFreeze":false,
        "isManagedSubAccount":false,
        "isAssetManagementSubAccount":false}]}
    "#]],
    );
    let ids = async |query: &str| {
        let body: serde_json::Value = serde_json::from_str(&list(query).await.body).unwrap();
        body["subAccounts"].as_array().unwrap().iter().map(|sub| sub["subUserId"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("limit=200").await, [1_002, 1_003]);
    assert_eq!(ids("limit=1&page=2").await, [1_003]);
    assert_eq!(ids("limit=1&page=3").await, [0u64; 0]);
    assert_eq!(ids("email=1003").await, [1_003]);
    assert_eq!(ids("isFreeze=true&limit=9").await, [0u64; 0]);
}
