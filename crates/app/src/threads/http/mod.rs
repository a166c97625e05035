//! `/api/crm/threads`, `/api/whatsapp`, `/api/canned_replies`.

mod canned;
mod export;
pub mod messages;
mod private;
mod provider;
mod send;
mod templates;
mod threads;
mod uploads;
mod views;

use kernel::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AppState,
    api::{aliased, guarded},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(threads())
        .merge(messages())
        .merge(carriers())
        .merge(texts())
        .merge(uploads())
}

fn uploads() -> OpenApiRouter<AppState> {
    let uploading = OpenApiRouter::new()
        .routes(guarded(Permission::MessagesSend, routes!(uploads::upload_file)))
        .layer(uploads::limit());
    OpenApiRouter::new()
        .merge(uploading)
        .routes(guarded(Permission::MessagesRead, routes!(uploads::uploaded_file)))
}

fn threads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::ThreadsRead, routes!(threads::list_threads)))
        .routes(guarded(Permission::ThreadsRead, routes!(threads::get_thread)))
        .routes(guarded(Permission::ThreadsWrite, routes!(threads::update_thread)))
        .routes(guarded(Permission::MessagesRead, routes!(messages::thread_messages)))
        .routes(guarded(Permission::ThreadsWrite, routes!(threads::read_thread)))
        .routes(guarded(Permission::ThreadsWrite, routes!(threads::type_in_thread)))
        .routes(guarded(Permission::ThreadsRead, routes!(threads::thread_notes)))
        .routes(guarded(Permission::ThreadsWrite, routes!(threads::write_thread_note)))
        .routes(guarded(Permission::MessagesRead, routes!(export::thread_csv)))
}

fn messages() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::MessagesRead, routes!(messages::list_messages)))
        .routes(aliased(
            "/api/whatsapp/messages",
            "/api/wa/messages",
            guarded(Permission::MessagesRead, routes!(messages::list_messages)),
        ))
        .routes(guarded(Permission::MessagesRead, routes!(messages::message_file)))
        .routes(guarded(Permission::MessagesSend, routes!(send::send_message)))
        .routes(aliased(
            "/api/whatsapp/send",
            "/api/wa/send",
            guarded(Permission::MessagesSend, routes!(send::send_message)),
        ))
        .routes(guarded(Permission::MessagesSend, routes!(send::send_media)))
        .routes(guarded(Permission::MessagesSend, routes!(send::send_template)))
        .routes(guarded(Permission::MessagesSend, routes!(send::retry_message)))
}

fn carriers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::ThreadsRead, routes!(provider::whatsapp_provider)))
        .routes(guarded(
            Permission::WhatsappLink,
            routes!(provider::choose_whatsapp_provider),
        ))
        .routes(guarded(Permission::ThreadsRead, routes!(provider::whatsapp_status)))
        .routes(guarded(Permission::WhatsappLink, routes!(provider::whatsapp_qr)))
        .routes(guarded(Permission::WhatsappLink, routes!(provider::pair_whatsapp)))
        .routes(guarded(Permission::WhatsappLink, routes!(provider::unlink_whatsapp)))
        .routes(guarded(Permission::WhatsappLink, routes!(private::list_private)))
        .routes(guarded(Permission::WhatsappLink, routes!(private::make_private)))
        .routes(guarded(Permission::WhatsappLink, routes!(private::end_private)))
}

fn texts() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::MessagesRead, routes!(templates::list_templates)))
        .routes(guarded(Permission::TemplatesWrite, routes!(templates::create_template)))
        .routes(guarded(Permission::TemplatesWrite, routes!(templates::update_template)))
        .routes(guarded(Permission::TemplatesWrite, routes!(templates::delete_template)))
        .routes(guarded(Permission::MessagesRead, routes!(canned::list_canned)))
        .routes(guarded(Permission::TemplatesWrite, routes!(canned::create_canned)))
        .routes(guarded(Permission::TemplatesWrite, routes!(canned::update_canned)))
        .routes(guarded(Permission::TemplatesWrite, routes!(canned::delete_canned)))
}
