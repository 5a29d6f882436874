import { config } from "zod/mini";
import en from "zod/v4/locales/en.js";

// The small build of zod says only «Invalid input» unless it is given words.
config(en());
