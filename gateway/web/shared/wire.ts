/** The wire contract as types: events, states, payloads and answers of `/customer` and `/staff`. */
export type * from "./wire/events";
export type * from "./wire/live";
export type * from "./wire/answers";
export type * from "./wire/customer";
export type * from "./wire/staff";
