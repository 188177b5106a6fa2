//! Parts of users.

use identity::{MAX_SUB_ACCOUNTS, Refusal, UserKind};

use super::api_keys::NOW_US;
use super::world::{World, device, refusal};

db::on_each_database! {
    async fn parts_have_accounts_of_their_own_and_one_owner(test: &TestDb) {
        let world = World::start(test).await;
        let (alice, bob) = (world.member("alice@example.com").await, world.member("bob@example.com").await);
        let parts = &world.people.sub_accounts;
        let part = parts.create(&alice, UserKind::SubAccount, NOW_US).await.unwrap();
        assert_eq!((part.kind, part.parent), (UserKind::SubAccount, Some(alice.id)));
        assert!(part.account != alice.account && part.account != bob.account);
        assert!(world.opened.accounts.lock().unwrap().contains(&(part.account, Some(alice.account))));
        assert_eq!(parts.list(&alice).await.unwrap().len(), 1);
        assert_eq!(parts.list(&bob).await.unwrap(), []);
        let of_part = parts.create(&part, UserKind::SubAccount, NOW_US).await;
        assert_eq!(refusal(of_part), Refusal::UserState, "a part has no parts");
        assert_eq!(refusal(parts.create(&alice, UserKind::Person, NOW_US).await), Refusal::UserState);
        let entered = world.people.sign_in.complete(part.id, &[], &device(), NOW_US).await;
        assert_eq!(refusal(entered), Refusal::SignIn, "it has no sessions");
        for _ in 1..MAX_SUB_ACCOUNTS {
            parts.create(&alice, UserKind::SubAccount, NOW_US).await.unwrap();
        }
        assert_eq!(refusal(parts.create(&alice, UserKind::SubAccount, NOW_US).await), Refusal::TooManySubAccounts);
        parts.create(&bob, UserKind::Service, NOW_US).await.unwrap();
    }
}
