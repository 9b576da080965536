//! Tags; contract sections 5.4 and 7.

use super::names::{IdPath, IntegrationPath, ResourcePath};
use super::wire::Tag;
use super::{Answer, Json, Session, Tagged, done, tagged};
use crate::domain::access::Target;
use crate::domain::tag;

/// `GET /integrations/provider/{name}/tags`.
pub async fn of_provider(session: Session, path: IntegrationPath) -> Answer<Tagged<Vec<Tag>>> {
    list(session, Target::Integration(path.0)).await
}

/// `PUT /integrations/provider/{name}/tags`.
pub async fn add_to_provider(
    session: Session,
    path: IntegrationPath,
    tags: Json<Vec<Tag>>,
) -> Answer {
    add(session, Target::Integration(path.0), tags.0).await
}

/// `DELETE /integrations/provider/{name}/tags`.
pub async fn remove_from_provider(
    session: Session,
    path: IntegrationPath,
    tags: Json<Vec<Tag>>,
) -> Answer {
    remove(session, Target::Integration(path.0), tags.0).await
}

/// `GET /integrations/provider/{name}/integration/{api}/tags`.
pub async fn of_resource(session: Session, path: ResourcePath) -> Answer<Tagged<Vec<Tag>>> {
    list(session, Target::Resource(path.0, path.1)).await
}

/// `PUT /integrations/provider/{name}/integration/{api}/tags`.
pub async fn add_to_resource(session: Session, path: ResourcePath, tags: Json<Vec<Tag>>) -> Answer {
    add(session, Target::Resource(path.0, path.1), tags.0).await
}

/// `DELETE /integrations/provider/{name}/integration/{api}/tags`.
pub async fn remove_from_resource(
    session: Session,
    path: ResourcePath,
    tags: Json<Vec<Tag>>,
) -> Answer {
    remove(session, Target::Resource(path.0, path.1), tags.0).await
}

/// `GET /applications/{id}/tags`.
pub async fn of_application(session: Session, path: IdPath) -> Answer<Tagged<Vec<Tag>>> {
    list(session, Target::Application(path.0)).await
}

/// `PUT /applications/{id}/tags`.
pub async fn add_to_application(session: Session, path: IdPath, tags: Json<Vec<Tag>>) -> Answer {
    add(session, Target::Application(path.0), tags.0).await
}

/// `DELETE /applications/{id}/tags`.
pub async fn remove_from_application(
    session: Session,
    path: IdPath,
    tags: Json<Vec<Tag>>,
) -> Answer {
    remove(session, Target::Application(path.0), tags.0).await
}

/// The tags of a thing.
pub async fn list(session: Session, target: Target) -> Answer<Tagged<Vec<Tag>>> {
    let found = session.registry.tags(&session.caller, target).await?;
    Ok(tagged(&found, found.iter().cloned().map(Tag::from).collect::<Vec<_>>())?)
}

/// Adds to the tags that are there.
pub async fn add(session: Session, target: Target, tags: Vec<Tag>) -> Answer {
    let tags = tags.into_iter().map(tag::Tag::from).collect();
    session.registry.add_tags(&session.caller, target, tags).await?;
    Ok(done())
}

/// Removes the tags of exactly these keys and values.
pub async fn remove(session: Session, target: Target, tags: Vec<Tag>) -> Answer {
    let tags = tags.into_iter().map(tag::Tag::from).collect();
    session.registry.remove_tags(&session.caller, target, tags).await?;
    Ok(done())
}
