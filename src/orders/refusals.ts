import { refusalType } from "../errors.ts";

export const OrderDiffers = refusalType(
  "OrderDiffers",
  "The order is recorded with another content. What was recorded stays; a correction is a refund.",
  {
    en: "The order was recorded with other values of: {fields}.",
    "zh-CN": "该订单已记录,以下内容不一致:{fields}。",
  },
  {
    orderId: ["ID", "The order as it is recorded."],
    fields: ["String", "What differs; the result's `differences` have both values."],
  },
);

export const OrderStateConflict = refusalType(
  "OrderStateConflict",
  "The order's moments exclude each other: what is completed cannot be cancelled, nor the reverse.",
  {
    en: "The order is {state}; it cannot be {sentState}.",
    "zh-CN": "订单状态为 {state},不能变为 {sentState}。",
  },
  {
    orderId: ["ID", "The order."],
    state: ["String", "Its state."],
    sentState: ["String", "The state that was sent."],
  },
);

export const OrderNotPaid = refusalType(
  "OrderNotPaid",
  "The order was not paid, so nothing can be paid back.",
  { en: "The order was not paid.", "zh-CN": "该订单尚未付款。" },
  { orderId: ["ID", "The order."] },
);

export const RefundExceedsOrder = refusalType(
  "RefundExceedsOrder",
  "More than is left of what was bought, after the refunds before.",
  {
    en: "{field}: {asked} were asked for, {left} are left to refund.",
    "zh-CN": "{field}:申请退 {asked},仅剩 {left} 可退。",
  },
  {
    orderId: ["ID", "The order."],
    field: ["String", "Of what, as a path: `lines.L1.quantity`."],
    asked: ["SafeInt", "What was asked for."],
    left: ["SafeInt", "What is left."],
  },
);

export const RefundDiffers = refusalType(
  "RefundDiffers",
  "The refund is recorded with another content, which stays.",
  {
    en: "The refund was recorded with other values of: {fields}.",
    "zh-CN": "该退款已记录,以下内容不一致:{fields}。",
  },
  {
    refundId: ["ID", "The refund as it is recorded."],
    fields: ["String", "What differs; the result's `differences` have both values."],
  },
);

export const ActivityDiffers = refusalType(
  "ActivityDiffers",
  "The activity is recorded with another content, which stays.",
  {
    en: "The activity was recorded with other values of: {fields}.",
    "zh-CN": "该行为已记录,以下内容不一致:{fields}。",
  },
  {
    activityId: ["ID", "The activity as it is recorded."],
    fields: ["String", "What differs; the result's `differences` have both values."],
  },
);
