/**
 * How the fields of built-in kinds merge and who may own parts of them: the list, map and struct types that stand as
 * markers in k8s.io/api. Lists that are not named are atomic, structs and maps that are not named are granular. Models
 * are named without their version, or wholly where only one of several is meant.
 */

/** Lists of scalars of which each is there once. */
export const setLists: ReadonlySet<string> = words(`
  CSIDriverSpec.volumeLifecycleModes ContainerRestartRuleOnExitCodes.values Endpoint.addresses
  NodeAllocatableResourceClaimStatus.containers NodeSpec.podCIDRs NonResourcePolicyRule.nonResourceURLs
  NonResourcePolicyRule.verbs ObjectMeta.finalizers PodFailurePolicyOnExitCodesRequirement.values
  ResourcePolicyRule.apiGroups ResourcePolicyRule.namespaces ResourcePolicyRule.resources
  ResourcePolicyRule.verbs ServerStorageVersion.decodableVersions ServerStorageVersion.servedVersions
  UncountedTerminatedPods.failed UncountedTerminatedPods.succeeded
  ValidatingAdmissionPolicyBindingSpec.validationActions
`);

/** Lists whose items are told apart by these fields. */
export const keyedLists: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    apiServerID: "StorageVersionStatus.storageVersions",
    "containerPort,protocol": `
      Container.ports EphemeralContainer.ports`,
    devicePath: `
      Container.volumeDevices EphemeralContainer.volumeDevices`,
    "driver,device,pool,shareID": "ResourceClaimStatus.devices",
    ip: `
      PodSpec.hostAliases PodStatus.podIPs`,
    mountPath: `
      Container.volumeMounts ContainerStatus.volumeMounts EphemeralContainer.volumeMounts`,
    name: `
      CSINodeSpec.drivers Container.env ContainerStatus.allocatedResourcesStatus EphemeralContainer.env
      MutatingAdmissionPolicySpec.matchConditions MutatingWebhook.matchConditions
      MutatingWebhookConfiguration.webhooks PodGroupSpec.resourceClaims PodGroupStatus.resourceClaimStatuses
      PodGroupTemplate.resourceClaims PodSpec.containers PodSpec.ephemeralContainers PodSpec.imagePullSecrets
      PodSpec.initContainers PodSpec.resourceClaims PodSpec.schedulingGates PodSpec.volumes
      PodStatus.resourceClaimStatuses ResourceRequirements.claims ServiceAccount.secrets
      ValidatingAdmissionPolicySpec.matchConditions ValidatingAdmissionPolicySpec.variables
      ValidatingWebhook.matchConditions ValidatingWebhookConfiguration.webhooks
      WorkloadSpec.podGroupTemplates`,
    "port,protocol": "ServiceSpec.ports",
    resourceID: "ResourceStatus.resources",
    rule: "JSONSchemaProps.x-kubernetes-validations",
    "topologyKey,whenUnsatisfiable": "PodSpec.topologySpreadConstraints",
    type: `
      APIServiceStatus.conditions AllocatedDeviceStatus.conditions CertificateSigningRequestStatus.conditions
      ComponentStatus.conditions CustomResourceDefinitionStatus.conditions DaemonSetStatus.conditions
      DeploymentStatus.conditions DeviceTaintRuleStatus.conditions FlowSchemaStatus.conditions
      HorizontalPodAutoscalerStatus.conditions NamespaceStatus.conditions NodeStatus.addresses
      NodeStatus.conditions PersistentVolumeClaimStatus.conditions PodCertificateRequestStatus.conditions
      PodDisruptionBudgetStatus.conditions PodGroupStatus.conditions PodStatus.conditions
      PriorityLevelConfigurationStatus.conditions ReplicaSetStatus.conditions
      ReplicationControllerStatus.conditions ResourcePoolStatusRequestStatus.conditions
      ServiceCIDRStatus.conditions ServiceStatus.conditions StatefulSetStatus.conditions
      StorageVersionMigrationStatus.conditions StorageVersionStatus.conditions
      ValidatingAdmissionPolicyStatus.conditions`,
    uid: `
      ObjectMeta.ownerReferences ResourceClaimStatus.reservedFor`,
  }).flatMap(([keys, fields]) => Array.from(words(fields), (field) => [field, keys.split(",")] as const)),
);

/** Structs that have one owner. */
export const atomicStructs: ReadonlySet<string> = words(`
  ConfigMapKeySelector EndpointAddress EndpointPort FileKeySelector LabelSelector LocalObjectReference
  MatchResources NamedRuleWithOperations NodeSelector NodeSelectorTerm ObjectFieldSelector ObjectReference
  OwnerReference ParamKind ParamRef RbacV1Subject ResourceFieldSelector RoleRef ScopeSelector
  SecretKeySelector SecretReference ServiceBackendPort TopologySelectorTerm V1TypedLocalObjectReference
  V1CrossVersionObjectReference Variable
`);

/** Maps that have one owner. */
export const atomicMaps: ReadonlySet<string> = words(`
  PodSpec.nodeSelector ReplicationControllerSpec.selector Scheduling.nodeSelector ServiceSpec.selector
`);

/** Structs that are granular here although their type is atomic. */
export const granularFields: ReadonlySet<string> = words("PersistentVolumeSpec.claimRef");

/** Optional structs that Go's types hold by value: empty objects where nobody gives them. */
export const embeddedStructs: ReadonlySet<string> = words(`
  APIGroup.preferredVersion APIService.spec APIService.status AllocationResult.devices
  CertificateSigningRequest.status Container.resources ContainerStatus.lastState ContainerStatus.state
  CronJob.status CustomResourceDefinition.status CustomResourceDefinitionStatus.acceptedNames DaemonSet.spec
  DaemonSet.status DaemonSetSpec.updateStrategy Deployment.spec Deployment.status DeploymentSpec.strategy
  DeviceTaintRule.status Endpoint.conditions EphemeralContainer.resources Event.deprecatedSource
  Event.involvedObject Event.regarding Event.source Eviction.spec FlowSchema.spec FlowSchema.status
  HorizontalPodAutoscaler.status Ingress.spec Ingress.status IngressClass.spec IngressServiceBackend.port
  IngressStatus.loadBalancer Job.spec Job.status JobTemplateSpec.spec Lease.spec LimitRange.spec
  LimitedPriorityLevelConfiguration.limitResponse LocalSubjectAccessReview.status
  MutatingAdmissionPolicy.spec MutatingAdmissionPolicyBinding.spec Namespace.spec Namespace.status
  NetworkPolicy.spec Node.spec Node.status NodeDaemonEndpoints.kubeletEndpoint NodeStatus.daemonEndpoints
  NodeStatus.nodeInfo ObjectMetricStatus.target PersistentVolume.spec PersistentVolume.status
  PersistentVolumeClaim.spec PersistentVolumeClaim.status PersistentVolumeClaimSpec.resources Pod.spec
  Pod.status PodCertificateRequest.status PodDisruptionBudget.spec PodDisruptionBudget.status PodGroup.status
  PodTemplate.template PodTemplateSpec.spec PriorityLevelConfiguration.spec PriorityLevelConfiguration.status
  ReplicaSet.spec ReplicaSet.status ReplicaSetSpec.template ReplicationController.spec
  ReplicationController.status ResourceClaim.status ResourceClaimSpec.devices ResourceQuota.spec
  ResourceQuota.status RuntimeClass.spec Scale.spec Scale.status SelfSubjectAccessReview.status
  SelfSubjectReview.status SelfSubjectReviewStatus.userInfo SelfSubjectRulesReview.status Service.spec
  Service.status ServiceCIDR.spec ServiceCIDR.status ServiceStatus.loadBalancer StatefulSet.spec
  StatefulSet.status StatefulSetSpec.updateStrategy StorageVersion.spec StorageVersion.status
  StorageVersionMigration.spec StorageVersionMigration.status SubjectAccessReview.status TokenRequest.spec
  TokenRequest.status TokenReview.status TokenReviewStatus.user ValidatingAdmissionPolicy.spec
  ValidatingAdmissionPolicy.status VolumeAttachment.status
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
