//! Roles and what they may do.

use identity::{OperationPattern, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing};
use crate::native::output::{Done, Ok200};
use crate::native::{Call, Officer, Problem};

/// A role.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct RoleShape {
    /// Its name.
    role: String,
    /// Operations by method and path; `*` stands for any method, or for the rest of a path.
    permissions: Vec<String>,
}

/// The roles with their permissions.
pub(in crate::native) async fn list(call: Call<Officer, Nothing>) -> Result<Ok200<Vec<RoleShape>>, Problem> {
    let shape = |(role, patterns): (Role, Vec<OperationPattern>)| RoleShape {
        role: role.as_str().to_owned(),
        permissions: patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
    };
    Ok(Ok200(call.people().roles.list().into_iter().map(shape).collect()))
}

/// A permission.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct RolePermission {
    /// Method and path, such as `GET /api/v2/admin/users`, or `GET /api/v2/admin/*`.
    operation: String,
}

/// Lets a role do something; a role begins to exist by it. Only a superadmin may.
pub(in crate::native) async fn grant(call: Call<Officer, Json<RolePermission>>) -> Result<Done, Problem> {
    let (role, operation) = read(&call)?;
    call.people().roles.grant(&call.who.0.user, &role, &operation).await?;
    Ok(Done)
}

/// Takes a permission away. Only a superadmin may.
pub(in crate::native) async fn withdraw(call: Call<Officer, Json<RolePermission>>) -> Result<Done, Problem> {
    let (role, operation) = read(&call)?;
    let withdrawn = call.people().roles.withdraw(&call.who.0.user, &role, &operation).await?;
    if withdrawn { Ok(Done) } else { Err(Problem::not_found()) }
}

fn read(call: &Call<Officer, Json<RolePermission>>) -> Result<(Role, OperationPattern), Problem> {
    let role = Role::parse(call.segment("role")).ok_or(identity::Refusal::Role)?;
    let operation = OperationPattern::parse(&call.input.0.operation).ok_or(identity::Refusal::Operation)?;
    Ok((role, operation))
}
