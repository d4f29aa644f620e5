//! The watch over webhooks: a registration that is gone or goes elsewhere is noticed and made again.
//!
//! Nothing is lost meanwhile, because orders are pulled as well; they are only heard later. So the next
//! pull is at once: what the channel did not tell is read then.

use dermaga_channel::Command;
use dermaga_store::command::Giver;
use dermaga_store::work::Task;

use crate::access::{Ask, Told};
use crate::error::Result;
use crate::fetch::empty_answer;
use crate::pull::Run;
use crate::task::TaskKind;

impl Run<'_> {
    /// Looks at the registration that the shop's webhooks come by. It may be one for several shops:
    /// then each of them looks, and the first to find it wanting puts it right for all.
    pub(crate) async fn watch_webhooks(&self) -> Result<()> {
        let mut access = self.access().await?;
        let found = self.engine.store().connections(self.org, Some(access.connection)).await?;
        let base_url = found.first().and_then(|found| self.engine.webhooks_url(found));
        let Some(base_url) = base_url.filter(|_| access.channel.capabilities().webhook_watch)
        else {
            return self.rest("off").await;
        };
        let ask = Ask::Command(Command::WatchWebhooks { base_url });
        let (told, exchanges) = self.engine.ask(&mut access, &ask).await;
        let mut answer = empty_answer(&access);
        answer.exchanges = exchanges;
        answer.lease = Some(self.lease.clone());
        let again = matches!(&told, Ok(Told::Done(done)) if done.changed);
        answer.progress = Some(match &told {
            Ok(_) => self.progress(if again { "registered again" } else { "ok" }, true),
            Err(error) => self.failed(error),
        });
        self.engine.store().record(answer).await?;
        if again {
            self.raise_registered_again().await?;
            self.pull_at_once().await?;
        }
        Ok(())
    }

    /// The orders of every shop that was not told of them are pulled now.
    async fn pull_at_once(&self) -> Result<()> {
        let store = self.engine.store();
        let shops = store.shops(self.org, None).await?;
        let silent = |task: &Task| {
            let mut theirs = shops.iter().filter(|shop| shop.connection == self.shop.connection);
            task.kind == TaskKind::OrderPull.as_str() && theirs.any(|shop| shop.id == task.shop)
        };
        let tasks = store.tasks(self.org, None).await?;
        for task in tasks.into_iter().filter(silent) {
            let task = Task { next_run_at: self.engine.now(), ..task };
            store.steer_task(self.org, &task, (Giver::Machine, "run now")).await?;
        }
        Ok(())
    }

    /// Somebody took the webhooks away: a person should know who.
    async fn raise_registered_again(&self) -> Result<()> {
        tracing::warn!(connection.id = %self.shop.connection, shop.id = %self.shop.id, "webhooks went elsewhere or nowhere; they are registered again (DMG-0206)");
        let now = self.engine.now();
        self.engine.store().set_webhooks_at(self.org, self.shop.connection, now).await?;
        // One attention a day, however often it happens.
        let detail = (now.as_seconds().div_euclid(86_400) * 86_400).to_string();
        let (org, shop) = (self.org, Some(self.shop.id));
        Ok(self.engine.store().raise_notice(org, shop, "DMG-0206", &detail).await?)
    }
}
