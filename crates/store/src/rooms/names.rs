//! Names to show for members.
//!
//! Never reads anything of a person but the name.

use std::collections::HashMap;

use authz::Scope;
use domain::ids::{Id, MemberId};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    Result, Room,
    entities::{members, users},
};

impl<S: Scope> Room<S> {
    /// Names of those users who belong or belonged to this business; of nobody else.
    pub(crate) async fn people_of_members(
        &self,
        users: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>> {
        let wanted: Vec<Uuid> = users.into_iter().collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let members = self
            .scoped::<members::Entity>()
            .filter(members::Column::UserId.is_in(wanted))
            .all(self.tx())
            .await?;
        self.user_names(members.iter().map(|member| member.user_id).collect())
            .await
    }

    async fn user_names(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
        Ok(self
            .of_nobody::<users::Entity>()
            .filter(users::Column::Id.is_in(ids))
            .all(self.tx())
            .await?
            .into_iter()
            .map(|user| (user.id, user.name))
            .collect())
    }

    /// The names of these members of this tenant; whoever left keeps theirs.
    pub(crate) async fn member_names(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>> {
        let mut wanted: Vec<Uuid> = ids.into_iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let members = self
            .scoped::<members::Entity>()
            .filter(members::Column::Id.is_in(wanted))
            .all(self.tx())
            .await?;
        let people = members.iter().map(|member| member.user_id).collect::<Vec<_>>();
        let names = self.user_names(people).await?;
        Ok(members
            .into_iter()
            .filter_map(|member| names.get(&member.user_id).map(|name| (member.id, name.clone())))
            .collect())
    }

    /// The name of one member, or a word for somebody unknown.
    pub(crate) async fn member_name(&self, member: MemberId) -> Result<String> {
        let names = self.member_names([member.uuid()]).await?;
        Ok(names
            .into_values()
            .next()
            .unwrap_or_else(|| "A colleague".to_owned()))
    }
}
