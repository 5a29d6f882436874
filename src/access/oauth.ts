import { Hono } from "hono";
import type { Route } from "../app.ts";

/** The token endpoint and its metadata. */
export const oauth = new Hono<Route>();
