/**
 * The protobuf messages of OpenAPI documents (gnostic `openapi.v2` and `openapi.v3`), by the fields that theirs of
 * Kubernetes have: `name=number:shape`. A shape is a scalar (`s` text, `b` boolean, `i` integer, `d` double, `any`), a
 * message, `[]` a list of them, or `{n}` a message with named values in field n. `x` takes the extensions.
 */
export const v2Shapes: Readonly<Record<string, string>> = {
  Document:
    "swagger=1:s info=2:Info paths=8:{2}PathItem definitions=9:{1}Schema parameters=10:{1}Parameter security=12:[]{1}Scopes securityDefinitions=13:{1}SecurityItem",
  Info: "title=1:s version=2:s",
  PathItem:
    "get=2:Operation put=3:Operation post=4:Operation delete=5:Operation options=6:Operation head=7:Operation patch=8:Operation parameters=9:[]ParametersItem x=10",
  Operation:
    "tags=1:[]s description=3:s operationId=5:s produces=6:[]s consumes=7:[]s parameters=8:[]ParametersItem responses=9:{1}ResponseValue schemes=10:[]s x=13",
  JsonReference: "$ref=1:s",
  BodyParameter: "description=1:s name=2:s in=3:s required=4:b schema=5:Schema",
  QueryParameter: "required=1:b in=2:s description=3:s name=4:s type=6:s uniqueItems=20:b",
  PathParameter: "required=1:b in=2:s description=3:s name=4:s type=5:s uniqueItems=19:b",
  Response: "description=1:s schema=2:SchemaItem",
  Schema:
    "$ref=1:s format=2:s title=3:s description=4:s default=5:any multipleOf=6:d maximum=7:d exclusiveMaximum=8:b minimum=9:d exclusiveMinimum=10:b maxLength=11:i minLength=12:i pattern=13:s maxItems=14:i minItems=15:i uniqueItems=16:b maxProperties=17:i minProperties=18:i required=19:[]s enum=20:[]any additionalProperties=21:Additional type=22:TypeItem items=23:SchemaItem allOf=24:[]Schema properties=25:{1}Schema externalDocs=29:ExternalDocs example=30:any x=31",
  ExternalDocs: "description=1:s url=2:s",
  ApiKey: "type=1:s name=2:s in=3:s description=4:s",
  TypeList: "value=1:[]s",
};

const operationsV3 =
  "get=4:Operation put=5:Operation post=6:Operation delete=7:Operation options=8:Operation head=9:Operation patch=10:Operation";

export const v3Shapes: Readonly<Record<string, string>> = {
  Document: "openapi=1:s info=2:Info paths=4:{1}PathItem components=5:Components",
  Info: "title=1:s version=6:s",
  PathItem: `${operationsV3} parameters=13:[]ParameterItem x=14`,
  Operation:
    "tags=1:[]s description=3:s operationId=5:s parameters=6:[]ParameterItem requestBody=7:BodyItem responses=8:{2}ResponseItem x=13",
  Parameter: "name=1:s in=2:s description=3:s required=4:b schema=10:SchemaOrReference",
  RequestBody: "description=1:s content=2:{1}MediaType required=3:b",
  Response: "description=1:s content=3:{1}MediaType",
  MediaType: "schema=1:SchemaOrReference",
  Reference: "$ref=1:s",
  Components: "schemas=1:{1}SchemaOrReference securitySchemes=7:{1}SecurityItem",
  SecurityScheme: "type=1:s description=2:s name=3:s in=4:s",
  ExternalDocs: "description=1:s url=2:s",
  Schema:
    "nullable=1:b externalDocs=6:ExternalDocs example=7:any title=9:s multipleOf=10:d maximum=11:d exclusiveMaximum=12:b minimum=13:d exclusiveMinimum=14:b maxLength=15:i minLength=16:i pattern=17:s maxItems=18:i minItems=19:i uniqueItems=20:b maxProperties=21:i minProperties=22:i required=23:[]s enum=24:[]any type=25:s allOf=26:[]SchemaOrReference oneOf=27:[]SchemaOrReference anyOf=28:[]SchemaOrReference not=29:Schema items=30:Items properties=31:{1}SchemaOrReference additionalProperties=32:Additional default=33:Default description=34:s format=35:s x=36",
};
