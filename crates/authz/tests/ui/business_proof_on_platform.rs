use authz::{Allows, Authorized, PlatformAccess, PlatformTenants, Scope, SettingsManage, UsersManage};

fn businesses(_: &Authorized<PlatformTenants>) {}
fn end_access<S: Scope + Allows<PlatformAccess>>(_: &Authorized<S>) {}

fn with(settings: &Authorized<SettingsManage>, users: &Authorized<UsersManage>) {
    businesses(settings);
    end_access(users);
}

fn main() {}
