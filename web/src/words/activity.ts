import { type ActivityWords, enActivity } from './en-activity.js';
import { LANGUAGE } from './index.js';

const LANGUAGES: Readonly<Record<string, ActivityWords>> = { en: enActivity };

/** The words of the activity, which only pages load that show some of it. */
export const activityWords: ActivityWords = LANGUAGES[LANGUAGE]!;
