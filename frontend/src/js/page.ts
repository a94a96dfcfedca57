/** What makes pages pleasanter with scripts on: reveal, verdict while typing, generate, copy, busy, menus, countdown. */
import { letSecretsBeSeen } from "./reveal";
import { judgeWhileTyping, offerGenerated } from "./password";
import { followSubmits } from "./submit";
import { closeMenus, copyOnPress, countDown } from "./small";

letSecretsBeSeen(document);
judgeWhileTyping(document);
offerGenerated(document);
followSubmits(document);
closeMenus(document);
copyOnPress(document);
countDown(document);
