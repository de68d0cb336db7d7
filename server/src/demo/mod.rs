//! The demo: a shop with goods, staff and conversations, and an empty one to begin with. Written through the same
//! store as everything else, and only what is not there yet.
//!
//! Never runs by itself in production, and never touches a business of another name.

mod goods;
mod money;
mod past;
mod people;
mod talks;

use anyhow::{Context, Result};
use authz::{AuditView, CatalogEdit, IntegrationsManage, MachineToken, ServicesEdit, SettingsManage};
use crypto::{
    Secret,
    password::Passwords,
    token::hex,
    totp::{FactorSecret, STEP_SECONDS},
};
use domain::{
    catalog::ProductDraft,
    ids::{TenantId, UserId},
    money::{Currency, Money},
};
use serde::Serialize;
use store::{
    NewChannel, NewService, NewTenant, NewUser, Newcomer, ProductFilter, ServiceFilter, Store, StoreError,
};

use past::{DAY, Past};
use people::{BUSINESSES, Business, OPERATOR, PASSWORD, WITH_APP};

/// People, permissions and second factors count from then on.
const OPENED_AGO: i64 = 45 * DAY;

/// What one needs to use the demo; `wabotiq demo --json` prints it.
#[derive(Debug, Clone, Serialize)]
pub struct DemoSummary {
    pub accounts: Vec<DemoAccount>,
    /// Of every account.
    pub password: String,
    pub lines: Vec<DemoLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoAccount {
    pub name: String,
    pub email: String,
    pub role: String,
    /// Slug.
    pub tenant: String,
}

/// A simulated number on WhatsApp. Its token signs what the simulator posts, and opens nothing anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoLine {
    pub number: String,
    pub account_sid: String,
    pub auth_token: String,
    /// Slug.
    pub tenant: String,
}

/// Makes what is missing of the demo; the same answer when all of it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo is one of the operator's commands"
)]
pub async fn seed(store: &Store, passwords: &Passwords) -> Result<DemoSummary> {
    let machine = MachineToken::mint("demo");
    let mut summary = DemoSummary {
        accounts: Vec::new(),
        password: PASSWORD.to_owned(),
        lines: Vec::new(),
    };
    for business in BUSINESSES {
        // An empty shop opens now; one with goods has been open for a while.
        let past = Past::of(store, if business.stocked { OPENED_AGO } else { 0 });
        let seeder = Seeder {
            store,
            passwords,
            machine,
            tenant: tenant(&past.store, &machine, business).await?,
            business,
        };
        seeder
            .people(&past.store, &mut summary)
            .await
            .context("the demo's people")?;
        if business.stocked {
            money::seed(&seeder, &past).await.context("the demo's money")?;
        }
        seeder.line(&mut summary).await.context("the demo's number")?;
        if business.stocked {
            seeder.products().await.context("the demo's products")?;
            seeder.services().await.context("the demo's services")?;
            talks::seed(&seeder).await.context("the demo's conversations")?;
        }
    }
    operator(store, passwords, &machine, &mut summary)
        .await
        .context("the demo's operator")?;
    Ok(summary)
}

/// Whether this account's password and codes are shown to everybody, where the demo runs.
pub fn is_public(email: &str) -> bool {
    WITH_APP.iter().any(|known| known.eq_ignore_ascii_case(email))
}

/// Nobody has to find their phone before they see the platform of a demo; what changes something still asks for it.
async fn operator(
    store: &Store,
    passwords: &Passwords,
    machine: &MachineToken,
    summary: &mut DemoSummary,
) -> Result<()> {
    let (name, email) = OPERATOR;
    let user = user(store, passwords, machine, (name, email)).await?;
    match store.add_operator(machine, Newcomer::Known(user)).await {
        Ok(_) => {
            let proof = machine.act_for::<SettingsManage>(TenantId::PLATFORM);
            let mut room = store.enter(&proof).await?;
            room.require_second_factor(false).await?;
            room.commit().await?;
        }
        Err(StoreError::Taken(_)) => {}
        Err(error) => return Err(error.into()),
    }
    summary.accounts.push(DemoAccount {
        name: name.to_owned(),
        email: email.to_owned(),
        role: "Operator".to_owned(),
        tenant: "platform".to_owned(),
    });
    Ok(())
}

async fn user(
    store: &Store,
    passwords: &Passwords,
    machine: &MachineToken,
    (name, email): (&str, &str),
) -> Result<UserId> {
    if let Some(user) = store.find_user(email).await? {
        return Ok(user.id);
    }
    let salt = store.world().bytes();
    let password_hash = passwords.hash(Secret::from(PASSWORD), salt).await?;
    let new = NewUser {
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash,
    };
    Ok(store.create_user(machine, new).await?)
}

/// Whether the demo's businesses are in this database.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo is one of the operator's commands"
)]
pub async fn is_there(store: &Store) -> Result<bool> {
    let machine = MachineToken::mint("demo");
    for business in BUSINESSES {
        for (_, email, _) in business.people {
            let known = store.find_user(email).await?;
            if known.is_some() && store.tenant_by_slug(&machine, business.slug).await?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

struct Seeder<'a> {
    store: &'a Store,
    passwords: &'a Passwords,
    machine: MachineToken,
    tenant: TenantId,
    business: &'static Business,
}

async fn tenant(store: &Store, machine: &MachineToken, business: &Business) -> Result<TenantId> {
    if let Some(row) = store.tenant_by_slug(machine, business.slug).await? {
        return Ok(row.id);
    }
    let new = NewTenant {
        slug: business.slug.to_owned(),
        name: business.name.to_owned(),
        timezone: "Africa/Nairobi".to_owned(),
        currency: "KES".to_owned(),
    };
    store
        .create_tenant(machine, new)
        .await
        .with_context(|| format!("the demo's business {}", business.slug))
}

impl Seeder<'_> {
    async fn people(&self, past: &Store, summary: &mut DemoSummary) -> Result<()> {
        for (name, email, role) in self.business.people {
            let user = user(past, self.passwords, &self.machine, (name, email)).await?;
            match past.add_member(&self.machine, self.tenant, user, &[*role]).await {
                Ok(_) | Err(StoreError::Taken(_)) => {}
                Err(error) => return Err(error.into()),
            }
            if is_public(email) {
                self.app(past, user).await?;
            }
            summary.accounts.push(DemoAccount {
                name: (*name).to_owned(),
                email: (*email).to_owned(),
                role: (*role).to_owned(),
                tenant: self.business.slug.to_owned(),
            });
        }
        Ok(())
    }

    /// A second factor, as if an app on a phone had been set up; the demo shows its codes.
    async fn app(&self, past: &Store, user: UserId) -> Result<()> {
        if past.factor(user).await?.is_some() {
            return Ok(());
        }
        let proof = self.machine.act_for::<AuditView>(self.tenant);
        let mut room = past.enter(&proof).await?;
        room.begin_factor(user, &FactorSecret::random(past.world()))
            .await?;
        room.commit().await?;
        let factor = past.factor(user).await?.context("the app that was set up")?;
        let step = past.world().now().millis() / 1000 / i64::try_from(STEP_SECONDS)?;
        // One recovery code that nobody knows.
        let code = hex(&past.world().bytes::<32>());
        let mut room = past.enter(&proof).await?;
        room.confirm_factor(user, &factor, step, &[code], "").await?;
        Ok(room.commit().await?)
    }

    async fn line(&self, summary: &mut DemoSummary) -> Result<()> {
        let mut room = self
            .store
            .enter(&self.machine.act_for::<IntegrationsManage>(self.tenant))
            .await?;
        let here = room
            .channels()
            .await?
            .into_iter()
            .find(|channel| channel.number.as_str() == self.business.number);
        let channel = match here {
            Some(channel) => channel,
            None => {
                let world = self.store.world();
                let new = NewChannel {
                    number: self.business.number.parse()?,
                    account_sid: format!("AC{}", hex(&world.bytes::<16>())).parse()?,
                    messaging_service_sid: None,
                    auth_token: Secret::from(hex(&world.bytes::<16>())),
                    simulated: true,
                };
                room.connect_channel(new).await?
            }
        };
        room.commit().await?;
        let mut room = self
            .store
            .look(&self.machine.act_for::<authz::BotActs>(self.tenant))
            .await?;
        let account = room.sender_account(channel.id).await?;
        summary.lines.push(DemoLine {
            number: account.number.to_string(),
            account_sid: account.account_sid.to_string(),
            auth_token: account.auth_token.expose().to_owned(),
            tenant: self.business.slug.to_owned(),
        });
        Ok(())
    }

    async fn products(&self) -> Result<()> {
        let mut room = self
            .store
            .enter(&self.machine.act_for::<CatalogEdit>(self.tenant))
            .await?;
        for archived in [false, true] {
            let any = room
                .products(&ProductFilter {
                    limit: 1,
                    archived,
                    ..ProductFilter::default()
                })
                .await?;
            if !any.is_empty() {
                return Ok(());
            }
        }
        for (name, sku, category, price, stock, description) in goods::PRODUCTS {
            let draft = ProductDraft::new(
                name,
                description,
                sku,
                category,
                Money::new(price * 100, Currency::KES),
            )?;
            room.create_product(&draft, *stock).await?;
        }
        Ok(room.commit().await?)
    }

    async fn services(&self) -> Result<()> {
        let mut room = self
            .store
            .enter(&self.machine.act_for::<ServicesEdit>(self.tenant))
            .await?;
        if !room
            .services(&ServiceFilter {
                limit: 1,
                ..ServiceFilter::default()
            })
            .await?
            .is_empty()
        {
            return Ok(());
        }
        for (name, category, price, minutes, description) in goods::SERVICES {
            room.create_service(&NewService {
                name: (*name).to_owned(),
                description: (*description).to_owned(),
                category: Some((*category).to_owned()),
                price: Money::new(price * 100, Currency::KES),
                duration_minutes: *minutes,
            })
            .await?;
        }
        Ok(room.commit().await?)
    }
}
