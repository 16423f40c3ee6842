/** Projects are known on the device alone: 200.html opens them. */
export const prerender = false;
