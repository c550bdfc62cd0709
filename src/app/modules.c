/* The one list of modules. Order: a module may use those above it. */
#include "app/modules.h"

#include "api/api.h"
#include "connect/clickhouse/store.h"
#include "connect/webhook/sender.h"
#include "core/job.h"
#include "domain/audit/audit_api.h"
#include "domain/care/care.h"
#include "domain/customer/customer.h"
#include "domain/dashboard/dashboard.h"
#include "domain/directory/directory.h"
#include "domain/insight/insight.h"
#include "domain/job/job_api.h"
#include "domain/order/order.h"
#include "domain/org/org.h"
#include "domain/report/report.h"
#include "domain/rfm/rfm.h"
#include "domain/rule/rule.h"
#include "domain/segment/segment.h"
#include "domain/source/source.h"
#include "domain/tag/tag.h"
#include "domain/task/task.h"
#include "domain/value/value.h"
#include "domain/webhook/webhook.h"
#include "domain/transfer/transfer.h"

/* One a line, so that two who add one do not meet. */
/* clang-format off */
const struct module *const modules[] = {
    &core_module,
    &org_module,
    &department_module,
    &staff_module,
    &role_module,
    &account_module,
    &credential_module,
    &token_module,
    &customer_module,
    &customer_merge_module,
    &customer_note_module,
    &attribute_module,
    &source_module,
    &ingest_module,
    &tag_module,
    &order_module,
    &rfm_module,
    &value_module,
    &value_churn_module,
    &value_next_module,
    &value_backtest_module,
    &rule_module,
    &stage_module,
    &preset_module,
    &directory_module,
    &view_module,
    &connect_clickhouse_module, /* before insight, to which it offers itself */
    &insight_module,
    &report_module,
    &segment_module,
    &webhook_module,
    &connect_webhook_module,
    &job_api_module,
    &audit_api_module,
    &dashboard_module,
    &import_module,
    &import_preset_module,
    &export_module,
    &task_module,
    &task_comment_module,
    &care_module,
    &event_module,
    &api_module,
};
/* clang-format on */
const size_t modules_count = COUNT(modules);
