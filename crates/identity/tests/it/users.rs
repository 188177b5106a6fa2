//! Users on both databases.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use identity::{ACCOUNT_BASE, Email, Error, NewUser, Uid, UserId, UserKind, UserState};

use super::api_keys::{NOW_US, execute};
use super::world::{Opened, pending, users};

db::on_each_database! {
    async fn a_user_is_made_and_found(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let users = users(test, &Arc::default());
        let made = pending(test, &users, "Alice@Example.com", NOW_US).await;
        assert_eq!((made.state, made.level, made.kind, made.role.as_str()), (UserState::Pending, 0, UserKind::Person, "member"));
        assert_eq!((made.email.as_deref(), made.account), (Some("Alice@example.com"), ACCOUNT_BASE + u32::try_from(made.id.0).unwrap()));
        assert_eq!(users.by_id(made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(users.by_uid(&made.uid).await.unwrap(), Some(made.clone()));
        assert_eq!(users.by_account(made.account).await.unwrap(), Some(made.clone()));
        assert_eq!(users.by_email(&Email::parse("aLICE@example.COM").unwrap()).await.unwrap(), Some(made));
        assert_eq!(users.by_id(UserId(99)).await.unwrap(), None);
        assert_eq!(users.by_uid(&Uid::parse("IDAAAAAAAAAAAA").unwrap()).await.unwrap(), None);
    }

    async fn an_address_has_one_user(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let users = users(test, &Arc::default());
        pending(test, &users, "alice@example.com", NOW_US).await;
        let email = Email::parse("ALICE@example.com").unwrap();
        let write = test.db.begin().await.unwrap();
        let error = users.create(&write, NewUser::pending(&email, "en"), NOW_US).await.unwrap_err();
        assert!(matches!(error, Error::Database(error) if error.is_unique_violation()));
    }

    async fn who_comes_by_a_wallet_has_no_address_and_is_active(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let users = users(test, &Arc::default());
        let write = test.db.begin().await.unwrap();
        let first = users.create(&write, NewUser::external("de"), NOW_US).await.unwrap();
        let second = users.create(&write, NewUser::external("../x"), NOW_US).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!((first.state, first.email.as_deref(), first.locale.as_str()), (UserState::Active, None, "de"));
        assert_eq!(second.locale, "en");
        assert_ne!(first.account, second.account);
    }

    async fn accounts_that_could_not_be_opened_are_opened_later(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let opened = Arc::new(Opened::default());
        let users = users(test, &opened);
        let write = test.db.begin().await.unwrap();
        let master = users.create(&write, NewUser::external("en"), NOW_US).await.unwrap();
        write.commit().await.unwrap();
        opened.away.store(true, Ordering::SeqCst);
        let error = users.open_account(&master, NOW_US).await.unwrap_err();
        assert!(error.is_transient() && !error.is_callers_fault(), "{error}");
        opened.away.store(false, Ordering::SeqCst);
        let part = NewUser { kind: UserKind::SubAccount, parent: Some(master.id), ..NewUser::external("en") };
        let write = test.db.begin().await.unwrap();
        let part = users.create(&write, part, NOW_US).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(users.open_accounts(NOW_US).await.unwrap(), 2);
        assert_eq!(*opened.accounts.lock().unwrap(), [(master.account, None), (part.account, Some(master.account))]);
        assert_eq!(users.open_accounts(NOW_US).await.unwrap(), 0);
    }

    async fn a_user_of_the_future_is_an_error_not_a_hole(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let users = users(test, &Arc::default());
        let made = pending(test, &users, "alice@example.com", NOW_US).await;
        for change in ["state = 'dreaming'", "level = 4", "kind = 'robot'", "account = -1", "uid = 'x'"] {
            execute(test, &format!("UPDATE identity_users SET {change}")).await;
            let error = users.by_id(made.id).await.unwrap_err();
            assert!(matches!(error, Error::UnusableUser { .. }) && !error.is_callers_fault(), "{change}: {error}");
            let back = format!(
                "UPDATE identity_users SET state = 'pending', level = 0, kind = 'person', account = {}, uid = '{}'",
                made.account, made.uid,
            );
            execute(test, &back).await;
        }
    }
}
