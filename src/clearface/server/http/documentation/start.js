// Shows the API's document; scripts within the page are not allowed to run.
"use strict";

const place = document.getElementById("swagger-ui");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  displayOperationId: false,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,
  syntaxHighlight: { activated: false },
});
