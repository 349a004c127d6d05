// Made by supervisor/api/generate.ts from @kubernetes/client-node; do not edit.

export interface AdmissionregistrationV1ServiceReference {
  readonly "name": string;
  readonly "namespace": string;
  readonly "path"?: string;
  readonly "port"?: number;
}

export interface AdmissionregistrationV1WebhookClientConfig {
  readonly "caBundle"?: string;
  readonly "service"?: AdmissionregistrationV1ServiceReference;
  readonly "url"?: string;
}

export interface ApiextensionsV1ServiceReference {
  readonly "name": string;
  readonly "namespace": string;
  readonly "path"?: string;
  readonly "port"?: number;
}

export interface ApiextensionsV1WebhookClientConfig {
  readonly "caBundle"?: string;
  readonly "service"?: ApiextensionsV1ServiceReference;
  readonly "url"?: string;
}

export interface ApiregistrationV1ServiceReference {
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "port"?: number;
}

export interface AuthenticationV1TokenRequest {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1TokenRequestSpec;
  readonly "status"?: V1TokenRequestStatus;
}

export interface CoreV1EndpointPort {
  readonly "appProtocol"?: string;
  readonly "name"?: string;
  readonly "port": number;
  readonly "protocol"?: string;
}

export interface CoreV1Event {
  readonly "action"?: string;
  readonly "apiVersion"?: string;
  readonly "count"?: number;
  readonly "eventTime"?: string | null;
  readonly "firstTimestamp"?: string | null;
  readonly "involvedObject": V1ObjectReference;
  readonly "kind"?: string;
  readonly "lastTimestamp"?: string | null;
  readonly "message"?: string;
  readonly "metadata": V1ObjectMeta;
  readonly "reason"?: string;
  readonly "related"?: V1ObjectReference;
  readonly "reportingComponent"?: string;
  readonly "reportingInstance"?: string;
  readonly "series"?: CoreV1EventSeries;
  readonly "source"?: V1EventSource;
  readonly "type"?: string;
}

export interface CoreV1EventList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<CoreV1Event>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface CoreV1EventSeries {
  readonly "count"?: number;
  readonly "lastObservedTime"?: string | null;
}

export interface CoreV1ResourceClaim {
  readonly "name": string;
  readonly "request"?: string;
}

export interface DiscoveryV1EndpointPort {
  readonly "appProtocol"?: string;
  readonly "name"?: string;
  readonly "port"?: number;
  readonly "protocol"?: string;
}

export interface EventsV1Event {
  readonly "action"?: string;
  readonly "apiVersion"?: string;
  readonly "deprecatedCount"?: number;
  readonly "deprecatedFirstTimestamp"?: string | null;
  readonly "deprecatedLastTimestamp"?: string | null;
  readonly "deprecatedSource"?: V1EventSource;
  readonly "eventTime": string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "note"?: string;
  readonly "reason"?: string;
  readonly "regarding"?: V1ObjectReference;
  readonly "related"?: V1ObjectReference;
  readonly "reportingController"?: string;
  readonly "reportingInstance"?: string;
  readonly "series"?: EventsV1EventSeries;
  readonly "type"?: string;
}

export interface EventsV1EventList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<EventsV1Event>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface EventsV1EventSeries {
  readonly "count": number;
  readonly "lastObservedTime": string;
}

export interface FlowcontrolV1Subject {
  readonly "group"?: V1GroupSubject;
  readonly "kind": string;
  readonly "serviceAccount"?: V1ServiceAccountSubject;
  readonly "user"?: V1UserSubject;
}

export interface RbacV1Subject {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
  readonly "namespace"?: string;
}

export interface ResourceV1ResourceClaim {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1ResourceClaimSpec;
  readonly "status"?: V1ResourceClaimStatus;
}

export interface StorageV1TokenRequest {
  readonly "audience": string;
  readonly "expirationSeconds"?: number;
}

export interface V1APIGroup {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "name": string;
  readonly "preferredVersion"?: V1GroupVersionForDiscovery;
  readonly "serverAddressByClientCIDRs"?: ReadonlyArray<V1ServerAddressByClientCIDR>;
  readonly "versions": ReadonlyArray<V1GroupVersionForDiscovery>;
}

export interface V1APIGroupList {
  readonly "apiVersion"?: string;
  readonly "groups": ReadonlyArray<V1APIGroup>;
  readonly "kind"?: string;
}

export interface V1APIResource {
  readonly "categories"?: ReadonlyArray<string>;
  readonly "group"?: string;
  readonly "kind": string;
  readonly "name": string;
  readonly "namespaced": boolean;
  readonly "shortNames"?: ReadonlyArray<string>;
  readonly "singularName": string;
  readonly "storageVersionHash"?: string;
  readonly "verbs": ReadonlyArray<string>;
  readonly "version"?: string;
}

export interface V1APIResourceList {
  readonly "apiVersion"?: string;
  readonly "groupVersion": string;
  readonly "kind"?: string;
  readonly "resources": ReadonlyArray<V1APIResource>;
}

export interface V1APIService {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1APIServiceSpec;
  readonly "status"?: V1APIServiceStatus;
}

export interface V1APIServiceCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1APIServiceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1APIService>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1APIServiceSpec {
  readonly "caBundle"?: string;
  readonly "group"?: string;
  readonly "groupPriorityMinimum": number;
  readonly "insecureSkipTLSVerify"?: boolean;
  readonly "service"?: ApiregistrationV1ServiceReference;
  readonly "version"?: string;
  readonly "versionPriority": number;
}

export interface V1APIServiceStatus {
  readonly "conditions"?: ReadonlyArray<V1APIServiceCondition>;
}

export interface V1APIVersions {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "serverAddressByClientCIDRs": ReadonlyArray<V1ServerAddressByClientCIDR>;
  readonly "versions": ReadonlyArray<string>;
}

export interface V1AWSElasticBlockStoreVolumeSource {
  readonly "fsType"?: string;
  readonly "partition"?: number;
  readonly "readOnly"?: boolean;
  readonly "volumeID": string;
}

export interface V1Affinity {
  readonly "nodeAffinity"?: V1NodeAffinity;
  readonly "podAffinity"?: V1PodAffinity;
  readonly "podAntiAffinity"?: V1PodAntiAffinity;
}

export interface V1AggregationRule {
  readonly "clusterRoleSelectors"?: ReadonlyArray<V1LabelSelector>;
}

export interface V1AllocatedDeviceStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition> | null;
  readonly "data"?: unknown;
  readonly "device": string;
  readonly "driver": string;
  readonly "networkData"?: V1NetworkDeviceData;
  readonly "pool": string;
  readonly "shareID"?: string;
}

export interface V1AllocationResult {
  readonly "allocationTimestamp"?: string;
  readonly "devices"?: V1DeviceAllocationResult;
  readonly "nodeSelector"?: V1NodeSelector;
}

export interface V1AppArmorProfile {
  readonly "localhostProfile"?: string;
  readonly "type": string;
}

export interface V1ApplyConfiguration {
  readonly "expression"?: string;
}

export interface V1AttachedVolume {
  readonly "devicePath": string;
  readonly "name": string;
}

export interface V1AuditAnnotation {
  readonly "key": string;
  readonly "valueExpression": string;
}

export interface V1AzureDiskVolumeSource {
  readonly "cachingMode"?: string;
  readonly "diskName": string;
  readonly "diskURI": string;
  readonly "fsType"?: string;
  readonly "kind"?: string;
  readonly "readOnly"?: boolean;
}

export interface V1AzureFilePersistentVolumeSource {
  readonly "readOnly"?: boolean;
  readonly "secretName": string;
  readonly "secretNamespace"?: string;
  readonly "shareName": string;
}

export interface V1AzureFileVolumeSource {
  readonly "readOnly"?: boolean;
  readonly "secretName": string;
  readonly "shareName": string;
}

export interface V1Binding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "target": V1ObjectReference;
}

export interface V1BoundObjectReference {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "name"?: string;
  readonly "uid"?: string;
}

export interface V1CELDeviceSelector {
  readonly "expression": string;
}

export interface V1CSIDriver {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1CSIDriverSpec;
}

export interface V1CSIDriverList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CSIDriver>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CSIDriverSpec {
  readonly "attachRequired"?: boolean;
  readonly "fsGroupPolicy"?: string;
  readonly "nodeAllocatableUpdatePeriodSeconds"?: number;
  readonly "podInfoOnMount"?: boolean;
  readonly "preventPodSchedulingIfMissing"?: boolean;
  readonly "requiresRepublish"?: boolean;
  readonly "seLinuxMount"?: boolean;
  readonly "serviceAccountTokenInSecrets"?: boolean;
  readonly "storageCapacity"?: boolean;
  readonly "tokenRequests"?: ReadonlyArray<StorageV1TokenRequest>;
  readonly "volumeLifecycleModes"?: ReadonlyArray<string>;
}

export interface V1CSINode {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1CSINodeSpec;
}

export interface V1CSINodeDriver {
  readonly "allocatable"?: V1VolumeNodeResources;
  readonly "name": string;
  readonly "nodeID": string;
  readonly "topologyKeys"?: ReadonlyArray<string> | null;
}

export interface V1CSINodeList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CSINode>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CSINodeSpec {
  readonly "drivers": ReadonlyArray<V1CSINodeDriver>;
}

export interface V1CSIPersistentVolumeSource {
  readonly "controllerExpandSecretRef"?: V1SecretReference;
  readonly "controllerPublishSecretRef"?: V1SecretReference;
  readonly "driver": string;
  readonly "fsType"?: string;
  readonly "nodeExpandSecretRef"?: V1SecretReference;
  readonly "nodePublishSecretRef"?: V1SecretReference;
  readonly "nodeStageSecretRef"?: V1SecretReference;
  readonly "readOnly"?: boolean;
  readonly "volumeAttributes"?: Readonly<Record<string, string>>;
  readonly "volumeHandle": string;
}

export interface V1CSIStorageCapacity {
  readonly "apiVersion"?: string;
  readonly "capacity"?: string;
  readonly "kind"?: string;
  readonly "maximumVolumeSize"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "nodeTopology"?: V1LabelSelector;
  readonly "storageClassName": string;
}

export interface V1CSIStorageCapacityList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CSIStorageCapacity>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CSIVolumeSource {
  readonly "driver": string;
  readonly "fsType"?: string;
  readonly "nodePublishSecretRef"?: V1LocalObjectReference;
  readonly "readOnly"?: boolean;
  readonly "volumeAttributes"?: Readonly<Record<string, string>>;
}

export interface V1Capabilities {
  readonly "add"?: ReadonlyArray<string>;
  readonly "drop"?: ReadonlyArray<string>;
}

export interface V1CapacityRequestPolicy {
  readonly "default"?: string;
  readonly "validRange"?: V1CapacityRequestPolicyRange;
  readonly "validValues"?: ReadonlyArray<string>;
}

export interface V1CapacityRequestPolicyRange {
  readonly "max"?: string;
  readonly "min"?: string;
  readonly "step"?: string;
}

export interface V1CapacityRequirements {
  readonly "requests"?: Readonly<Record<string, string>>;
}

export interface V1CephFSPersistentVolumeSource {
  readonly "monitors": ReadonlyArray<string>;
  readonly "path"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretFile"?: string;
  readonly "secretRef"?: V1SecretReference;
  readonly "user"?: string;
}

export interface V1CephFSVolumeSource {
  readonly "monitors": ReadonlyArray<string>;
  readonly "path"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretFile"?: string;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "user"?: string;
}

export interface V1CertificateSigningRequest {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1CertificateSigningRequestSpec;
  readonly "status"?: V1CertificateSigningRequestStatus;
}

export interface V1CertificateSigningRequestCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "lastUpdateTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1CertificateSigningRequestList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CertificateSigningRequest>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CertificateSigningRequestSpec {
  readonly "expirationSeconds"?: number;
  readonly "extra"?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly "groups"?: ReadonlyArray<string>;
  readonly "request": string;
  readonly "signerName": string;
  readonly "uid"?: string;
  readonly "usages"?: ReadonlyArray<string>;
  readonly "username"?: string;
}

export interface V1CertificateSigningRequestStatus {
  readonly "certificate"?: string;
  readonly "conditions"?: ReadonlyArray<V1CertificateSigningRequestCondition>;
}

export interface V1CinderPersistentVolumeSource {
  readonly "fsType"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1SecretReference;
  readonly "volumeID": string;
}

export interface V1CinderVolumeSource {
  readonly "fsType"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "volumeID": string;
}

export interface V1ClientIPConfig {
  readonly "timeoutSeconds"?: number;
}

export interface V1ClusterRole {
  readonly "aggregationRule"?: V1AggregationRule;
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "rules"?: ReadonlyArray<V1PolicyRule> | null;
}

export interface V1ClusterRoleBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "roleRef": V1RoleRef;
  readonly "subjects"?: ReadonlyArray<RbacV1Subject>;
}

export interface V1ClusterRoleBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ClusterRoleBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ClusterRoleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ClusterRole>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ClusterTrustBundleProjection {
  readonly "labelSelector"?: V1LabelSelector;
  readonly "name"?: string;
  readonly "optional"?: boolean;
  readonly "path": string;
  readonly "signerName"?: string;
}

export interface V1ComponentCondition {
  readonly "error"?: string;
  readonly "message"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1ComponentStatus {
  readonly "apiVersion"?: string;
  readonly "conditions"?: ReadonlyArray<V1ComponentCondition>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
}

export interface V1ComponentStatusList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ComponentStatus>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1Condition {
  readonly "lastTransitionTime": string;
  readonly "message": string;
  readonly "observedGeneration"?: number;
  readonly "reason": string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1ConfigMap {
  readonly "apiVersion"?: string;
  readonly "binaryData"?: Readonly<Record<string, string>>;
  readonly "data"?: Readonly<Record<string, string>>;
  readonly "immutable"?: boolean;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
}

export interface V1ConfigMapEnvSource {
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1ConfigMapKeySelector {
  readonly "key": string;
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1ConfigMapList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ConfigMap>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ConfigMapNodeConfigSource {
  readonly "kubeletConfigKey": string;
  readonly "name": string;
  readonly "namespace": string;
  readonly "resourceVersion"?: string;
  readonly "uid"?: string;
}

export interface V1ConfigMapProjection {
  readonly "items"?: ReadonlyArray<V1KeyToPath>;
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1ConfigMapVolumeSource {
  readonly "defaultMode"?: number;
  readonly "items"?: ReadonlyArray<V1KeyToPath>;
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1Container {
  readonly "args"?: ReadonlyArray<string>;
  readonly "command"?: ReadonlyArray<string>;
  readonly "env"?: ReadonlyArray<V1EnvVar>;
  readonly "envFrom"?: ReadonlyArray<V1EnvFromSource>;
  readonly "image"?: string;
  readonly "imagePullPolicy"?: string;
  readonly "lifecycle"?: V1Lifecycle;
  readonly "livenessProbe"?: V1Probe;
  readonly "name": string;
  readonly "ports"?: ReadonlyArray<V1ContainerPort>;
  readonly "readinessProbe"?: V1Probe;
  readonly "resizePolicy"?: ReadonlyArray<V1ContainerResizePolicy>;
  readonly "resources"?: V1ResourceRequirements;
  readonly "restartPolicy"?: string;
  readonly "restartPolicyRules"?: ReadonlyArray<V1ContainerRestartRule>;
  readonly "securityContext"?: V1SecurityContext;
  readonly "startupProbe"?: V1Probe;
  readonly "stdin"?: boolean;
  readonly "stdinOnce"?: boolean;
  readonly "terminationMessagePath"?: string;
  readonly "terminationMessagePolicy"?: string;
  readonly "tty"?: boolean;
  readonly "volumeDevices"?: ReadonlyArray<V1VolumeDevice>;
  readonly "volumeMounts"?: ReadonlyArray<V1VolumeMount>;
  readonly "workingDir"?: string;
}

export interface V1ContainerExtendedResourceRequest {
  readonly "containerName": string;
  readonly "requestName": string;
  readonly "resourceName": string;
}

export interface V1ContainerImage {
  readonly "names"?: ReadonlyArray<string> | null;
  readonly "sizeBytes"?: number;
}

export interface V1ContainerPort {
  readonly "containerPort": number;
  readonly "hostIP"?: string;
  readonly "hostPort"?: number;
  readonly "name"?: string;
  readonly "protocol"?: string;
}

export interface V1ContainerResizePolicy {
  readonly "resourceName": string;
  readonly "restartPolicy": string;
}

export interface V1ContainerRestartRule {
  readonly "action": string;
  readonly "exitCodes"?: V1ContainerRestartRuleOnExitCodes;
}

export interface V1ContainerRestartRuleOnExitCodes {
  readonly "operator": string;
  readonly "values"?: ReadonlyArray<number>;
}

export interface V1ContainerState {
  readonly "running"?: V1ContainerStateRunning;
  readonly "terminated"?: V1ContainerStateTerminated;
  readonly "waiting"?: V1ContainerStateWaiting;
}

export interface V1ContainerStateRunning {
  readonly "startedAt"?: string | null;
}

export interface V1ContainerStateTerminated {
  readonly "containerID"?: string;
  readonly "exitCode": number;
  readonly "finishedAt"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "signal"?: number;
  readonly "startedAt"?: string | null;
}

export interface V1ContainerStateWaiting {
  readonly "message"?: string;
  readonly "reason"?: string;
}

export interface V1ContainerStatus {
  readonly "allocatedResources"?: Readonly<Record<string, string>>;
  readonly "allocatedResourcesStatus"?: ReadonlyArray<V1ResourceStatus>;
  readonly "containerID"?: string;
  readonly "image": string;
  readonly "imageID": string;
  readonly "lastState"?: V1ContainerState;
  readonly "name": string;
  readonly "ready": boolean;
  readonly "resources"?: V1ResourceRequirements;
  readonly "restartCount": number;
  readonly "started"?: boolean;
  readonly "state"?: V1ContainerState;
  readonly "stopSignal"?: string;
  readonly "user"?: V1ContainerUser;
  readonly "volumeMounts"?: ReadonlyArray<V1VolumeMountStatus>;
}

export interface V1ContainerUser {
  readonly "linux"?: V1LinuxContainerUser;
}

export interface V1ControllerRevision {
  readonly "apiVersion"?: string;
  readonly "data"?: unknown;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "revision": number;
}

export interface V1ControllerRevisionList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ControllerRevision>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1Counter {
  readonly "value": string;
}

export interface V1CounterSet {
  readonly "counters": Readonly<Record<string, V1Counter>>;
  readonly "name": string;
}

export interface V1CronJob {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1CronJobSpec;
  readonly "status"?: V1CronJobStatus;
}

export interface V1CronJobList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CronJob>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CronJobSpec {
  readonly "concurrencyPolicy"?: string;
  readonly "failedJobsHistoryLimit"?: number;
  readonly "jobTemplate": V1JobTemplateSpec;
  readonly "schedule": string;
  readonly "startingDeadlineSeconds"?: number;
  readonly "successfulJobsHistoryLimit"?: number;
  readonly "suspend"?: boolean;
  readonly "timeZone"?: string;
}

export interface V1CronJobStatus {
  readonly "active"?: ReadonlyArray<V1ObjectReference>;
  readonly "lastScheduleTime"?: string;
  readonly "lastSuccessfulTime"?: string;
}

export interface V1CrossVersionObjectReference {
  readonly "apiVersion"?: string;
  readonly "kind": string;
  readonly "name": string;
}

export interface V1CustomResourceColumnDefinition {
  readonly "description"?: string;
  readonly "format"?: string;
  readonly "jsonPath": string;
  readonly "name": string;
  readonly "priority"?: number;
  readonly "type": string;
}

export interface V1CustomResourceConversion {
  readonly "strategy": string;
  readonly "webhook"?: V1WebhookConversion;
}

export interface V1CustomResourceDefinition {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1CustomResourceDefinitionSpec;
  readonly "status"?: V1CustomResourceDefinitionStatus;
}

export interface V1CustomResourceDefinitionCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "observedGeneration"?: number;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1CustomResourceDefinitionList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1CustomResourceDefinition>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1CustomResourceDefinitionNames {
  readonly "categories"?: ReadonlyArray<string>;
  readonly "kind": string;
  readonly "listKind"?: string;
  readonly "plural": string;
  readonly "shortNames"?: ReadonlyArray<string>;
  readonly "singular"?: string;
}

export interface V1CustomResourceDefinitionSpec {
  readonly "conversion"?: V1CustomResourceConversion;
  readonly "group": string;
  readonly "names": V1CustomResourceDefinitionNames;
  readonly "preserveUnknownFields"?: boolean;
  readonly "scope": string;
  readonly "versions": ReadonlyArray<V1CustomResourceDefinitionVersion>;
}

export interface V1CustomResourceDefinitionStatus {
  readonly "acceptedNames"?: V1CustomResourceDefinitionNames;
  readonly "conditions"?: ReadonlyArray<V1CustomResourceDefinitionCondition> | null;
  readonly "observedGeneration"?: number;
  readonly "storedVersions"?: ReadonlyArray<string> | null;
}

export interface V1CustomResourceDefinitionVersion {
  readonly "additionalPrinterColumns"?: ReadonlyArray<V1CustomResourceColumnDefinition>;
  readonly "deprecated"?: boolean;
  readonly "deprecationWarning"?: string;
  readonly "name": string;
  readonly "schema"?: V1CustomResourceValidation;
  readonly "selectableFields"?: ReadonlyArray<V1SelectableField>;
  readonly "served": boolean;
  readonly "storage": boolean;
  readonly "subresources"?: V1CustomResourceSubresources;
}

export interface V1CustomResourceSubresourceScale {
  readonly "labelSelectorPath"?: string;
  readonly "specReplicasPath": string;
  readonly "statusReplicasPath": string;
}

export interface V1CustomResourceSubresources {
  readonly "scale"?: V1CustomResourceSubresourceScale;
  readonly "status"?: unknown;
}

export interface V1CustomResourceValidation {
  readonly "openAPIV3Schema"?: V1JSONSchemaProps;
}

export interface V1DaemonEndpoint {
  readonly "Port": number;
}

export interface V1DaemonSet {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1DaemonSetSpec;
  readonly "status"?: V1DaemonSetStatus;
}

export interface V1DaemonSetCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1DaemonSetList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1DaemonSet>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1DaemonSetSpec {
  readonly "minReadySeconds"?: number;
  readonly "revisionHistoryLimit"?: number;
  readonly "selector"?: V1LabelSelector;
  readonly "template": V1PodTemplateSpec;
  readonly "updateStrategy"?: V1DaemonSetUpdateStrategy;
}

export interface V1DaemonSetStatus {
  readonly "collisionCount"?: number;
  readonly "conditions"?: ReadonlyArray<V1DaemonSetCondition>;
  readonly "currentNumberScheduled": number;
  readonly "desiredNumberScheduled": number;
  readonly "numberAvailable"?: number;
  readonly "numberMisscheduled": number;
  readonly "numberReady": number;
  readonly "numberUnavailable"?: number;
  readonly "observedGeneration"?: number;
  readonly "updatedNumberScheduled"?: number;
}

export interface V1DaemonSetUpdateStrategy {
  readonly "rollingUpdate"?: V1RollingUpdateDaemonSet;
  readonly "type"?: string;
}

export interface V1DeleteOptions {
  readonly "apiVersion"?: string;
  readonly "dryRun"?: ReadonlyArray<string>;
  readonly "gracePeriodSeconds"?: number;
  readonly "ignoreStoreReadErrorWithClusterBreakingPotential"?: boolean;
  readonly "kind"?: string;
  readonly "orphanDependents"?: boolean;
  readonly "preconditions"?: V1Preconditions;
  readonly "propagationPolicy"?: string;
}

export interface V1Deployment {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1DeploymentSpec;
  readonly "status"?: V1DeploymentStatus;
}

export interface V1DeploymentCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "lastUpdateTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1DeploymentList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Deployment>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1DeploymentSpec {
  readonly "minReadySeconds"?: number;
  readonly "paused"?: boolean;
  readonly "progressDeadlineSeconds"?: number;
  readonly "replicas"?: number;
  readonly "revisionHistoryLimit"?: number;
  readonly "selector"?: V1LabelSelector;
  readonly "strategy"?: V1DeploymentStrategy;
  readonly "template": V1PodTemplateSpec;
}

export interface V1DeploymentStatus {
  readonly "availableReplicas"?: number;
  readonly "collisionCount"?: number;
  readonly "conditions"?: ReadonlyArray<V1DeploymentCondition>;
  readonly "observedGeneration"?: number;
  readonly "readyReplicas"?: number;
  readonly "replicas"?: number;
  readonly "terminatingReplicas"?: number;
  readonly "unavailableReplicas"?: number;
  readonly "updatedReplicas"?: number;
}

export interface V1DeploymentStrategy {
  readonly "rollingUpdate"?: V1RollingUpdateDeployment;
  readonly "type"?: string;
}

export interface V1Device {
  readonly "allNodes"?: boolean;
  readonly "allowMultipleAllocations"?: boolean;
  readonly "attributes"?: Readonly<Record<string, V1DeviceAttribute>>;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "bindsToNode"?: boolean;
  readonly "capacity"?: Readonly<Record<string, V1DeviceCapacity>>;
  readonly "consumesCounters"?: ReadonlyArray<V1DeviceCounterConsumption>;
  readonly "name": string;
  readonly "nodeAllocatableResourceMappings"?: Readonly<Record<string, V1NodeAllocatableResourceMapping>>;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "taints"?: ReadonlyArray<V1DeviceTaint>;
}

export interface V1DeviceAllocationConfiguration {
  readonly "opaque"?: V1OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
  readonly "source": string;
}

export interface V1DeviceAllocationResult {
  readonly "config"?: ReadonlyArray<V1DeviceAllocationConfiguration>;
  readonly "results"?: ReadonlyArray<V1DeviceRequestAllocationResult>;
}

export interface V1DeviceAttribute {
  readonly "bool"?: boolean;
  readonly "bools"?: ReadonlyArray<boolean>;
  readonly "int"?: number;
  readonly "ints"?: ReadonlyArray<number>;
  readonly "string"?: string;
  readonly "strings"?: ReadonlyArray<string>;
  readonly "version"?: string;
  readonly "versions"?: ReadonlyArray<string>;
}

export interface V1DeviceCapacity {
  readonly "requestPolicy"?: V1CapacityRequestPolicy;
  readonly "value": string;
}

export interface V1DeviceClaim {
  readonly "config"?: ReadonlyArray<V1DeviceClaimConfiguration>;
  readonly "constraints"?: ReadonlyArray<V1DeviceConstraint>;
  readonly "requests"?: ReadonlyArray<V1DeviceRequest> | null;
}

export interface V1DeviceClaimConfiguration {
  readonly "opaque"?: V1OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1DeviceClass {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1DeviceClassSpec;
}

export interface V1DeviceClassConfiguration {
  readonly "opaque"?: V1OpaqueDeviceConfiguration;
}

export interface V1DeviceClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1DeviceClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1DeviceClassSpec {
  readonly "config"?: ReadonlyArray<V1DeviceClassConfiguration>;
  readonly "extendedResourceName"?: string;
  readonly "selectors"?: ReadonlyArray<V1DeviceSelector>;
}

export interface V1DeviceConstraint {
  readonly "distinctAttribute"?: string;
  readonly "matchAttribute"?: string;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1DeviceCounterConsumption {
  readonly "counterSet": string;
  readonly "counters": Readonly<Record<string, V1Counter>>;
}

export interface V1DeviceRequest {
  readonly "exactly"?: V1ExactDeviceRequest;
  readonly "firstAvailable"?: ReadonlyArray<V1DeviceSubRequest>;
  readonly "name": string;
}

export interface V1DeviceRequestAllocationResult {
  readonly "adminAccess"?: boolean;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "consumedCapacity"?: Readonly<Record<string, string>>;
  readonly "device": string;
  readonly "driver": string;
  readonly "pool": string;
  readonly "request": string;
  readonly "shareID"?: string;
  readonly "tolerations"?: ReadonlyArray<V1DeviceToleration>;
}

export interface V1DeviceSelector {
  readonly "cel"?: V1CELDeviceSelector;
}

export interface V1DeviceSubRequest {
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName": string;
  readonly "name": string;
  readonly "selectors"?: ReadonlyArray<V1DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1DeviceToleration>;
}

export interface V1DeviceTaint {
  readonly "effect": string;
  readonly "key": string;
  readonly "timeAdded"?: string;
  readonly "value"?: string;
}

export interface V1DeviceToleration {
  readonly "effect"?: string;
  readonly "key"?: string;
  readonly "operator"?: string;
  readonly "tolerationSeconds"?: number;
  readonly "value"?: string;
}

export interface V1DownwardAPIProjection {
  readonly "items"?: ReadonlyArray<V1DownwardAPIVolumeFile>;
}

export interface V1DownwardAPIVolumeFile {
  readonly "fieldRef"?: V1ObjectFieldSelector;
  readonly "mode"?: number;
  readonly "path": string;
  readonly "resourceFieldRef"?: V1ResourceFieldSelector;
}

export interface V1DownwardAPIVolumeSource {
  readonly "defaultMode"?: number;
  readonly "items"?: ReadonlyArray<V1DownwardAPIVolumeFile>;
}

export interface V1EmptyDirVolumeSource {
  readonly "medium"?: string;
  readonly "sizeLimit"?: string;
}

export interface V1Endpoint {
  readonly "addresses": ReadonlyArray<string>;
  readonly "conditions"?: V1EndpointConditions;
  readonly "deprecatedTopology"?: Readonly<Record<string, string>>;
  readonly "hints"?: V1EndpointHints;
  readonly "hostname"?: string;
  readonly "nodeName"?: string;
  readonly "targetRef"?: V1ObjectReference;
  readonly "zone"?: string;
}

export interface V1EndpointAddress {
  readonly "hostname"?: string;
  readonly "ip": string;
  readonly "nodeName"?: string;
  readonly "targetRef"?: V1ObjectReference;
}

export interface V1EndpointConditions {
  readonly "ready"?: boolean;
  readonly "serving"?: boolean;
  readonly "terminating"?: boolean;
}

export interface V1EndpointHints {
  readonly "forNodes"?: ReadonlyArray<V1ForNode>;
  readonly "forZones"?: ReadonlyArray<V1ForZone>;
}

export interface V1EndpointSlice {
  readonly "addressType": string;
  readonly "apiVersion"?: string;
  readonly "endpoints"?: ReadonlyArray<V1Endpoint> | null;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "ports"?: ReadonlyArray<DiscoveryV1EndpointPort> | null;
}

export interface V1EndpointSliceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1EndpointSlice>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1EndpointSubset {
  readonly "addresses"?: ReadonlyArray<V1EndpointAddress>;
  readonly "notReadyAddresses"?: ReadonlyArray<V1EndpointAddress>;
  readonly "ports"?: ReadonlyArray<CoreV1EndpointPort>;
}

export interface V1Endpoints {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "subsets"?: ReadonlyArray<V1EndpointSubset>;
}

export interface V1EndpointsList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Endpoints>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1EnvFromSource {
  readonly "configMapRef"?: V1ConfigMapEnvSource;
  readonly "prefix"?: string;
  readonly "secretRef"?: V1SecretEnvSource;
}

export interface V1EnvVar {
  readonly "name": string;
  readonly "value"?: string;
  readonly "valueFrom"?: V1EnvVarSource;
}

export interface V1EnvVarSource {
  readonly "configMapKeyRef"?: V1ConfigMapKeySelector;
  readonly "fieldRef"?: V1ObjectFieldSelector;
  readonly "fileKeyRef"?: V1FileKeySelector;
  readonly "resourceFieldRef"?: V1ResourceFieldSelector;
  readonly "secretKeyRef"?: V1SecretKeySelector;
}

export interface V1EphemeralContainer {
  readonly "args"?: ReadonlyArray<string>;
  readonly "command"?: ReadonlyArray<string>;
  readonly "env"?: ReadonlyArray<V1EnvVar>;
  readonly "envFrom"?: ReadonlyArray<V1EnvFromSource>;
  readonly "image"?: string;
  readonly "imagePullPolicy"?: string;
  readonly "lifecycle"?: V1Lifecycle;
  readonly "livenessProbe"?: V1Probe;
  readonly "name": string;
  readonly "ports"?: ReadonlyArray<V1ContainerPort>;
  readonly "readinessProbe"?: V1Probe;
  readonly "resizePolicy"?: ReadonlyArray<V1ContainerResizePolicy>;
  readonly "resources"?: V1ResourceRequirements;
  readonly "restartPolicy"?: string;
  readonly "restartPolicyRules"?: ReadonlyArray<V1ContainerRestartRule>;
  readonly "securityContext"?: V1SecurityContext;
  readonly "startupProbe"?: V1Probe;
  readonly "stdin"?: boolean;
  readonly "stdinOnce"?: boolean;
  readonly "targetContainerName"?: string;
  readonly "terminationMessagePath"?: string;
  readonly "terminationMessagePolicy"?: string;
  readonly "tty"?: boolean;
  readonly "volumeDevices"?: ReadonlyArray<V1VolumeDevice>;
  readonly "volumeMounts"?: ReadonlyArray<V1VolumeMount>;
  readonly "workingDir"?: string;
}

export interface V1EphemeralVolumeSource {
  readonly "volumeClaimTemplate"?: V1PersistentVolumeClaimTemplate;
}

export interface V1EventSource {
  readonly "component"?: string;
  readonly "host"?: string;
}

export interface V1Eviction {
  readonly "apiVersion"?: string;
  readonly "deleteOptions"?: V1DeleteOptions;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
}

export interface V1ExactDeviceRequest {
  readonly "adminAccess"?: boolean;
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName": string;
  readonly "selectors"?: ReadonlyArray<V1DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1DeviceToleration>;
}

export interface V1ExecAction {
  readonly "command"?: ReadonlyArray<string>;
}

export interface V1ExemptPriorityLevelConfiguration {
  readonly "lendablePercent"?: number;
  readonly "nominalConcurrencyShares"?: number;
}

export interface V1ExpressionWarning {
  readonly "fieldRef": string;
  readonly "warning": string;
}

export interface V1ExternalDocumentation {
  readonly "description"?: string;
  readonly "url"?: string;
}

export interface V1FCVolumeSource {
  readonly "fsType"?: string;
  readonly "lun"?: number;
  readonly "readOnly"?: boolean;
  readonly "targetWWNs"?: ReadonlyArray<string>;
  readonly "wwids"?: ReadonlyArray<string>;
}

export interface V1FieldSelectorAttributes {
  readonly "rawSelector"?: string;
  readonly "requirements"?: ReadonlyArray<V1FieldSelectorRequirement>;
}

export interface V1FieldSelectorRequirement {
  readonly "key": string;
  readonly "operator": string;
  readonly "values"?: ReadonlyArray<string>;
}

export interface V1FileKeySelector {
  readonly "key": string;
  readonly "optional"?: boolean;
  readonly "path": string;
  readonly "volumeName": string;
}

export interface V1FlexPersistentVolumeSource {
  readonly "driver": string;
  readonly "fsType"?: string;
  readonly "options"?: Readonly<Record<string, string>>;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1SecretReference;
}

export interface V1FlexVolumeSource {
  readonly "driver": string;
  readonly "fsType"?: string;
  readonly "options"?: Readonly<Record<string, string>>;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
}

export interface V1FlockerVolumeSource {
  readonly "datasetName"?: string;
  readonly "datasetUUID"?: string;
}

export interface V1FlowDistinguisherMethod {
  readonly "type": string;
}

export interface V1FlowSchema {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1FlowSchemaSpec;
  readonly "status"?: V1FlowSchemaStatus;
}

export interface V1FlowSchemaCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status"?: string;
  readonly "type"?: string;
}

export interface V1FlowSchemaList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1FlowSchema>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1FlowSchemaSpec {
  readonly "distinguisherMethod"?: V1FlowDistinguisherMethod;
  readonly "matchingPrecedence"?: number;
  readonly "priorityLevelConfiguration": V1PriorityLevelConfigurationReference;
  readonly "rules"?: ReadonlyArray<V1PolicyRulesWithSubjects>;
}

export interface V1FlowSchemaStatus {
  readonly "conditions"?: ReadonlyArray<V1FlowSchemaCondition>;
}

export interface V1ForNode {
  readonly "name": string;
}

export interface V1ForZone {
  readonly "name": string;
}

export interface V1GCEPersistentDiskVolumeSource {
  readonly "fsType"?: string;
  readonly "partition"?: number;
  readonly "pdName": string;
  readonly "readOnly"?: boolean;
}

export interface V1GRPCAction {
  readonly "port": number;
  readonly "service"?: string;
}

export interface V1GitRepoVolumeSource {
  readonly "directory"?: string;
  readonly "repository": string;
  readonly "revision"?: string;
}

export interface V1GlusterfsPersistentVolumeSource {
  readonly "endpoints": string;
  readonly "endpointsNamespace"?: string;
  readonly "path": string;
  readonly "readOnly"?: boolean;
}

export interface V1GlusterfsVolumeSource {
  readonly "endpoints": string;
  readonly "path": string;
  readonly "readOnly"?: boolean;
}

export interface V1GroupResource {
  readonly "group": string;
  readonly "resource": string;
}

export interface V1GroupSubject {
  readonly "name": string;
}

export interface V1GroupVersionForDiscovery {
  readonly "groupVersion": string;
  readonly "version": string;
}

export interface V1HTTPGetAction {
  readonly "host"?: string;
  readonly "httpHeaders"?: ReadonlyArray<V1HTTPHeader>;
  readonly "path"?: string;
  readonly "port": number | string;
  readonly "scheme"?: string;
}

export interface V1HTTPHeader {
  readonly "name": string;
  readonly "value": string;
}

export interface V1HTTPIngressPath {
  readonly "backend": V1IngressBackend;
  readonly "path"?: string;
  readonly "pathType"?: string;
}

export interface V1HTTPIngressRuleValue {
  readonly "paths": ReadonlyArray<V1HTTPIngressPath>;
}

export interface V1HorizontalPodAutoscaler {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1HorizontalPodAutoscalerSpec;
  readonly "status"?: V1HorizontalPodAutoscalerStatus;
}

export interface V1HorizontalPodAutoscalerList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1HorizontalPodAutoscaler>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1HorizontalPodAutoscalerSpec {
  readonly "maxReplicas": number;
  readonly "minReplicas"?: number;
  readonly "scaleTargetRef": V1CrossVersionObjectReference;
  readonly "targetCPUUtilizationPercentage"?: number;
}

export interface V1HorizontalPodAutoscalerStatus {
  readonly "currentCPUUtilizationPercentage"?: number;
  readonly "currentReplicas": number;
  readonly "desiredReplicas": number;
  readonly "lastScaleTime"?: string;
  readonly "observedGeneration"?: number;
}

export interface V1HostAlias {
  readonly "hostnames"?: ReadonlyArray<string>;
  readonly "ip": string;
}

export interface V1HostIP {
  readonly "ip": string;
}

export interface V1HostPathVolumeSource {
  readonly "path": string;
  readonly "type"?: string;
}

export interface V1IPAddress {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1IPAddressSpec;
}

export interface V1IPAddressList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1IPAddress>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1IPAddressSpec {
  readonly "parentRef"?: V1ParentReference;
}

export interface V1IPBlock {
  readonly "cidr": string;
  readonly "except"?: ReadonlyArray<string>;
}

export interface V1ISCSIPersistentVolumeSource {
  readonly "chapAuthDiscovery"?: boolean;
  readonly "chapAuthSession"?: boolean;
  readonly "fsType"?: string;
  readonly "initiatorName"?: string;
  readonly "iqn": string;
  readonly "iscsiInterface"?: string;
  readonly "lun": number;
  readonly "portals"?: ReadonlyArray<string>;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1SecretReference;
  readonly "targetPortal": string;
}

export interface V1ISCSIVolumeSource {
  readonly "chapAuthDiscovery"?: boolean;
  readonly "chapAuthSession"?: boolean;
  readonly "fsType"?: string;
  readonly "initiatorName"?: string;
  readonly "iqn": string;
  readonly "iscsiInterface"?: string;
  readonly "lun": number;
  readonly "portals"?: ReadonlyArray<string>;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "targetPortal": string;
}

export interface V1ImageVolumeSource {
  readonly "pullPolicy"?: string;
  readonly "reference"?: string;
}

export interface V1ImageVolumeStatus {
  readonly "imageRef": string;
}

export interface V1Ingress {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1IngressSpec;
  readonly "status"?: V1IngressStatus;
}

export interface V1IngressBackend {
  readonly "resource"?: V1TypedLocalObjectReference;
  readonly "service"?: V1IngressServiceBackend;
}

export interface V1IngressClass {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1IngressClassSpec;
}

export interface V1IngressClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1IngressClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1IngressClassParametersReference {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
  readonly "namespace"?: string;
  readonly "scope"?: string;
}

export interface V1IngressClassSpec {
  readonly "controller"?: string;
  readonly "parameters"?: V1IngressClassParametersReference;
}

export interface V1IngressList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Ingress>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1IngressLoadBalancerIngress {
  readonly "hostname"?: string;
  readonly "ip"?: string;
  readonly "ports"?: ReadonlyArray<V1IngressPortStatus>;
}

export interface V1IngressLoadBalancerStatus {
  readonly "ingress"?: ReadonlyArray<V1IngressLoadBalancerIngress>;
}

export interface V1IngressPortStatus {
  readonly "error"?: string;
  readonly "port": number;
  readonly "protocol": string;
}

export interface V1IngressRule {
  readonly "host"?: string;
  readonly "http"?: V1HTTPIngressRuleValue;
}

export interface V1IngressServiceBackend {
  readonly "name": string;
  readonly "port"?: V1ServiceBackendPort;
}

export interface V1IngressSpec {
  readonly "defaultBackend"?: V1IngressBackend;
  readonly "ingressClassName"?: string;
  readonly "rules"?: ReadonlyArray<V1IngressRule>;
  readonly "tls"?: ReadonlyArray<V1IngressTLS>;
}

export interface V1IngressStatus {
  readonly "loadBalancer"?: V1IngressLoadBalancerStatus;
}

export interface V1IngressTLS {
  readonly "hosts"?: ReadonlyArray<string>;
  readonly "secretName"?: string;
}

export interface V1JSONPatch {
  readonly "expression"?: string;
}

export interface V1JSONSchemaProps {
  readonly "$ref"?: string;
  readonly "$schema"?: string;
  readonly "additionalItems"?: unknown;
  readonly "additionalProperties"?: unknown;
  readonly "allOf"?: ReadonlyArray<V1JSONSchemaProps>;
  readonly "anyOf"?: ReadonlyArray<V1JSONSchemaProps>;
  readonly "default"?: unknown;
  readonly "definitions"?: Readonly<Record<string, V1JSONSchemaProps>>;
  readonly "dependencies"?: Readonly<Record<string, unknown>>;
  readonly "description"?: string;
  readonly "enum"?: ReadonlyArray<unknown>;
  readonly "example"?: unknown;
  readonly "exclusiveMaximum"?: boolean;
  readonly "exclusiveMinimum"?: boolean;
  readonly "externalDocs"?: V1ExternalDocumentation;
  readonly "format"?: string;
  readonly "id"?: string;
  readonly "items"?: unknown;
  readonly "maxItems"?: number;
  readonly "maxLength"?: number;
  readonly "maxProperties"?: number;
  readonly "maximum"?: number;
  readonly "minItems"?: number;
  readonly "minLength"?: number;
  readonly "minProperties"?: number;
  readonly "minimum"?: number;
  readonly "multipleOf"?: number;
  readonly "not"?: V1JSONSchemaProps;
  readonly "nullable"?: boolean;
  readonly "oneOf"?: ReadonlyArray<V1JSONSchemaProps>;
  readonly "pattern"?: string;
  readonly "patternProperties"?: Readonly<Record<string, V1JSONSchemaProps>>;
  readonly "properties"?: Readonly<Record<string, V1JSONSchemaProps>>;
  readonly "required"?: ReadonlyArray<string>;
  readonly "title"?: string;
  readonly "type"?: string;
  readonly "uniqueItems"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-map-keys"?: ReadonlyArray<string>;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-validations"?: ReadonlyArray<V1ValidationRule>;
}

export interface V1Job {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1JobSpec;
  readonly "status"?: V1JobStatus;
}

export interface V1JobCondition {
  readonly "lastProbeTime"?: string | null;
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1JobList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Job>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1JobSpec {
  readonly "activeDeadlineSeconds"?: number;
  readonly "backoffLimit"?: number;
  readonly "backoffLimitPerIndex"?: number;
  readonly "completionMode"?: string;
  readonly "completions"?: number;
  readonly "managedBy"?: string;
  readonly "manualSelector"?: boolean;
  readonly "maxFailedIndexes"?: number;
  readonly "parallelism"?: number;
  readonly "podFailurePolicy"?: V1PodFailurePolicy;
  readonly "podReplacementPolicy"?: string;
  readonly "selector"?: V1LabelSelector;
  readonly "successPolicy"?: V1SuccessPolicy;
  readonly "suspend"?: boolean;
  readonly "template": V1PodTemplateSpec;
  readonly "ttlSecondsAfterFinished"?: number;
}

export interface V1JobStatus {
  readonly "active"?: number;
  readonly "completedIndexes"?: string;
  readonly "completionTime"?: string;
  readonly "conditions"?: ReadonlyArray<V1JobCondition>;
  readonly "failed"?: number;
  readonly "failedIndexes"?: string;
  readonly "ready"?: number;
  readonly "startTime"?: string;
  readonly "succeeded"?: number;
  readonly "terminating"?: number;
  readonly "uncountedTerminatedPods"?: V1UncountedTerminatedPods;
}

export interface V1JobTemplateSpec {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1JobSpec;
}

export interface V1KeyToPath {
  readonly "key": string;
  readonly "mode"?: number;
  readonly "path": string;
}

export interface V1LabelSelector {
  readonly "matchExpressions"?: ReadonlyArray<V1LabelSelectorRequirement>;
  readonly "matchLabels"?: Readonly<Record<string, string>>;
}

export interface V1LabelSelectorAttributes {
  readonly "rawSelector"?: string;
  readonly "requirements"?: ReadonlyArray<V1LabelSelectorRequirement>;
}

export interface V1LabelSelectorRequirement {
  readonly "key": string;
  readonly "operator": string;
  readonly "values"?: ReadonlyArray<string>;
}

export interface V1Lease {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1LeaseSpec;
}

export interface V1LeaseList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Lease>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1LeaseSpec {
  readonly "acquireTime"?: string;
  readonly "holderIdentity"?: string;
  readonly "leaseDurationSeconds"?: number;
  readonly "leaseTransitions"?: number;
  readonly "preferredHolder"?: string;
  readonly "renewTime"?: string;
  readonly "strategy"?: string;
}

export interface V1Lifecycle {
  readonly "postStart"?: V1LifecycleHandler;
  readonly "preStop"?: V1LifecycleHandler;
  readonly "stopSignal"?: string;
}

export interface V1LifecycleHandler {
  readonly "exec"?: V1ExecAction;
  readonly "httpGet"?: V1HTTPGetAction;
  readonly "sleep"?: V1SleepAction;
  readonly "tcpSocket"?: V1TCPSocketAction;
}

export interface V1LimitRange {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1LimitRangeSpec;
}

export interface V1LimitRangeItem {
  readonly "default"?: Readonly<Record<string, string>>;
  readonly "defaultRequest"?: Readonly<Record<string, string>>;
  readonly "max"?: Readonly<Record<string, string>>;
  readonly "maxLimitRequestRatio"?: Readonly<Record<string, string>>;
  readonly "min"?: Readonly<Record<string, string>>;
  readonly "type": string;
}

export interface V1LimitRangeList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1LimitRange>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1LimitRangeSpec {
  readonly "limits": ReadonlyArray<V1LimitRangeItem>;
}

export interface V1LimitResponse {
  readonly "queuing"?: V1QueuingConfiguration;
  readonly "type": string;
}

export interface V1LimitedPriorityLevelConfiguration {
  readonly "borrowingLimitPercent"?: number;
  readonly "lendablePercent"?: number;
  readonly "limitResponse"?: V1LimitResponse;
  readonly "nominalConcurrencyShares"?: number;
}

export interface V1LinuxContainerUser {
  readonly "gid": number;
  readonly "supplementalGroups"?: ReadonlyArray<number>;
  readonly "uid": number;
}

export interface V1ListMeta {
  readonly "continue"?: string;
  readonly "remainingItemCount"?: number;
  readonly "resourceVersion"?: string;
  readonly "selfLink"?: string;
  readonly "shardInfo"?: V1ShardInfo;
}

export interface V1LoadBalancerIngress {
  readonly "hostname"?: string;
  readonly "ip"?: string;
  readonly "ipMode"?: string;
  readonly "ports"?: ReadonlyArray<V1PortStatus>;
}

export interface V1LoadBalancerStatus {
  readonly "ingress"?: ReadonlyArray<V1LoadBalancerIngress>;
}

export interface V1LocalObjectReference {
  readonly "name"?: string;
}

export interface V1LocalSubjectAccessReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1SubjectAccessReviewSpec;
  readonly "status"?: V1SubjectAccessReviewStatus;
}

export interface V1LocalVolumeSource {
  readonly "fsType"?: string;
  readonly "path": string;
}

export interface V1ManagedFieldsEntry {
  readonly "apiVersion"?: string;
  readonly "fieldsType"?: string;
  readonly "fieldsV1"?: unknown;
  readonly "manager"?: string;
  readonly "operation"?: string;
  readonly "subresource"?: string;
  readonly "time"?: string;
}

export interface V1MatchCondition {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1MatchResources {
  readonly "excludeResourceRules"?: ReadonlyArray<V1NamedRuleWithOperations>;
  readonly "matchPolicy"?: string;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "objectSelector"?: V1LabelSelector;
  readonly "resourceRules"?: ReadonlyArray<V1NamedRuleWithOperations>;
}

export interface V1ModifyVolumeStatus {
  readonly "status": string;
  readonly "targetVolumeAttributesClassName"?: string;
}

export interface V1MutatingAdmissionPolicy {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1MutatingAdmissionPolicySpec;
}

export interface V1MutatingAdmissionPolicyBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1MutatingAdmissionPolicyBindingSpec;
}

export interface V1MutatingAdmissionPolicyBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1MutatingAdmissionPolicyBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1MutatingAdmissionPolicyBindingSpec {
  readonly "matchResources"?: V1MatchResources;
  readonly "paramRef"?: V1ParamRef;
  readonly "policyName"?: string;
}

export interface V1MutatingAdmissionPolicyList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1MutatingAdmissionPolicy>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1MutatingAdmissionPolicySpec {
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1MatchCondition>;
  readonly "matchConstraints"?: V1MatchResources;
  readonly "mutations"?: ReadonlyArray<V1Mutation>;
  readonly "paramKind"?: V1ParamKind;
  readonly "reinvocationPolicy"?: string;
  readonly "variables"?: ReadonlyArray<V1Variable>;
}

export interface V1MutatingWebhook {
  readonly "admissionReviewVersions": ReadonlyArray<string>;
  readonly "clientConfig": AdmissionregistrationV1WebhookClientConfig;
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1MatchCondition>;
  readonly "matchPolicy"?: string;
  readonly "name": string;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "objectSelector"?: V1LabelSelector;
  readonly "reinvocationPolicy"?: string;
  readonly "rules"?: ReadonlyArray<V1RuleWithOperations>;
  readonly "sideEffects"?: string;
  readonly "timeoutSeconds"?: number;
}

export interface V1MutatingWebhookConfiguration {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "webhooks"?: ReadonlyArray<V1MutatingWebhook>;
}

export interface V1MutatingWebhookConfigurationList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1MutatingWebhookConfiguration>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1Mutation {
  readonly "applyConfiguration"?: V1ApplyConfiguration;
  readonly "jsonPatch"?: V1JSONPatch;
  readonly "patchType": string;
}

export interface V1NFSVolumeSource {
  readonly "path": string;
  readonly "readOnly"?: boolean;
  readonly "server": string;
}

export interface V1NamedRuleWithOperations {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "apiVersions"?: ReadonlyArray<string>;
  readonly "operations"?: ReadonlyArray<string>;
  readonly "resourceNames"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "scope"?: string;
}

export interface V1Namespace {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1NamespaceSpec;
  readonly "status"?: V1NamespaceStatus;
}

export interface V1NamespaceCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1NamespaceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Namespace>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1NamespaceSpec {
  readonly "finalizers"?: ReadonlyArray<string>;
}

export interface V1NamespaceStatus {
  readonly "conditions"?: ReadonlyArray<V1NamespaceCondition>;
  readonly "phase"?: string;
}

export interface V1NetworkDeviceData {
  readonly "hardwareAddress"?: string;
  readonly "interfaceName"?: string;
  readonly "ips"?: ReadonlyArray<string>;
}

export interface V1NetworkPolicy {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1NetworkPolicySpec;
}

export interface V1NetworkPolicyEgressRule {
  readonly "ports"?: ReadonlyArray<V1NetworkPolicyPort>;
  readonly "to"?: ReadonlyArray<V1NetworkPolicyPeer>;
}

export interface V1NetworkPolicyIngressRule {
  readonly "from"?: ReadonlyArray<V1NetworkPolicyPeer>;
  readonly "ports"?: ReadonlyArray<V1NetworkPolicyPort>;
}

export interface V1NetworkPolicyList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1NetworkPolicy>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1NetworkPolicyPeer {
  readonly "ipBlock"?: V1IPBlock;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "podSelector"?: V1LabelSelector;
}

export interface V1NetworkPolicyPort {
  readonly "endPort"?: number;
  readonly "port"?: number | string;
  readonly "protocol"?: string;
}

export interface V1NetworkPolicySpec {
  readonly "egress"?: ReadonlyArray<V1NetworkPolicyEgressRule>;
  readonly "ingress"?: ReadonlyArray<V1NetworkPolicyIngressRule>;
  readonly "podSelector"?: V1LabelSelector;
  readonly "policyTypes"?: ReadonlyArray<string>;
}

export interface V1Node {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1NodeSpec;
  readonly "status"?: V1NodeStatus;
}

export interface V1NodeAddress {
  readonly "address": string;
  readonly "type": string;
}

export interface V1NodeAffinity {
  readonly "preferredDuringSchedulingIgnoredDuringExecution"?: ReadonlyArray<V1PreferredSchedulingTerm>;
  readonly "requiredDuringSchedulingIgnoredDuringExecution"?: V1NodeSelector;
}

export interface V1NodeAllocatableResourceClaimStatus {
  readonly "containers"?: ReadonlyArray<string>;
  readonly "resourceClaimName": string;
  readonly "resources": Readonly<Record<string, string>>;
}

export interface V1NodeAllocatableResourceMapping {
  readonly "allocationMultiplier"?: string;
  readonly "capacityKey"?: string;
}

export interface V1NodeCondition {
  readonly "lastHeartbeatTime"?: string | null;
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1NodeConfigSource {
  readonly "configMap"?: V1ConfigMapNodeConfigSource;
}

export interface V1NodeConfigStatus {
  readonly "active"?: V1NodeConfigSource;
  readonly "assigned"?: V1NodeConfigSource;
  readonly "error"?: string;
  readonly "lastKnownGood"?: V1NodeConfigSource;
}

export interface V1NodeDaemonEndpoints {
  readonly "kubeletEndpoint"?: V1DaemonEndpoint;
}

export interface V1NodeFeatures {
  readonly "supplementalGroupsPolicy"?: boolean;
}

export interface V1NodeList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Node>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1NodeRuntimeHandler {
  readonly "features"?: V1NodeRuntimeHandlerFeatures;
  readonly "name"?: string;
}

export interface V1NodeRuntimeHandlerFeatures {
  readonly "recursiveReadOnlyMounts"?: boolean;
  readonly "userNamespaces"?: boolean;
}

export interface V1NodeSelector {
  readonly "nodeSelectorTerms": ReadonlyArray<V1NodeSelectorTerm>;
}

export interface V1NodeSelectorRequirement {
  readonly "key": string;
  readonly "operator": string;
  readonly "values"?: ReadonlyArray<string>;
}

export interface V1NodeSelectorTerm {
  readonly "matchExpressions"?: ReadonlyArray<V1NodeSelectorRequirement>;
  readonly "matchFields"?: ReadonlyArray<V1NodeSelectorRequirement>;
}

export interface V1NodeSpec {
  readonly "configSource"?: V1NodeConfigSource;
  readonly "externalID"?: string;
  readonly "podCIDR"?: string;
  readonly "podCIDRs"?: ReadonlyArray<string>;
  readonly "providerID"?: string;
  readonly "taints"?: ReadonlyArray<V1Taint>;
  readonly "unschedulable"?: boolean;
}

export interface V1NodeStatus {
  readonly "addresses"?: ReadonlyArray<V1NodeAddress>;
  readonly "allocatable"?: Readonly<Record<string, string>>;
  readonly "capacity"?: Readonly<Record<string, string>>;
  readonly "conditions"?: ReadonlyArray<V1NodeCondition>;
  readonly "config"?: V1NodeConfigStatus;
  readonly "daemonEndpoints"?: V1NodeDaemonEndpoints;
  readonly "declaredFeatures"?: ReadonlyArray<string>;
  readonly "features"?: V1NodeFeatures;
  readonly "images"?: ReadonlyArray<V1ContainerImage>;
  readonly "nodeInfo"?: V1NodeSystemInfo;
  readonly "phase"?: string;
  readonly "runtimeHandlers"?: ReadonlyArray<V1NodeRuntimeHandler>;
  readonly "volumesAttached"?: ReadonlyArray<V1AttachedVolume>;
  readonly "volumesInUse"?: ReadonlyArray<string>;
}

export interface V1NodeSwapStatus {
  readonly "capacity"?: number;
}

export interface V1NodeSystemInfo {
  readonly "architecture": string;
  readonly "bootID": string;
  readonly "containerRuntimeVersion": string;
  readonly "kernelVersion": string;
  readonly "kubeProxyVersion": string;
  readonly "kubeletVersion": string;
  readonly "machineID": string;
  readonly "operatingSystem": string;
  readonly "osImage": string;
  readonly "swap"?: V1NodeSwapStatus;
  readonly "systemUUID": string;
}

export interface V1NonResourceAttributes {
  readonly "path"?: string;
  readonly "verb"?: string;
}

export interface V1NonResourcePolicyRule {
  readonly "nonResourceURLs": ReadonlyArray<string>;
  readonly "verbs": ReadonlyArray<string>;
}

export interface V1NonResourceRule {
  readonly "nonResourceURLs"?: ReadonlyArray<string>;
  readonly "verbs": ReadonlyArray<string>;
}

export interface V1ObjectFieldSelector {
  readonly "apiVersion"?: string;
  readonly "fieldPath": string;
}

export interface V1ObjectMeta {
  readonly "annotations"?: Readonly<Record<string, string>>;
  readonly "creationTimestamp"?: string;
  readonly "deletionGracePeriodSeconds"?: number;
  readonly "deletionTimestamp"?: string;
  readonly "finalizers"?: ReadonlyArray<string>;
  readonly "generateName"?: string;
  readonly "generation"?: number;
  readonly "labels"?: Readonly<Record<string, string>>;
  readonly "managedFields"?: ReadonlyArray<V1ManagedFieldsEntry>;
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "ownerReferences"?: ReadonlyArray<V1OwnerReference>;
  readonly "resourceVersion"?: string;
  readonly "selfLink"?: string;
  readonly "uid"?: string;
}

export interface V1ObjectReference {
  readonly "apiVersion"?: string;
  readonly "fieldPath"?: string;
  readonly "kind"?: string;
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "resourceVersion"?: string;
  readonly "uid"?: string;
}

export interface V1OpaqueDeviceConfiguration {
  readonly "driver": string;
  readonly "parameters": unknown;
}

export interface V1Overhead {
  readonly "podFixed"?: Readonly<Record<string, string>>;
}

export interface V1OwnerReference {
  readonly "apiVersion": string;
  readonly "blockOwnerDeletion"?: boolean;
  readonly "controller"?: boolean;
  readonly "kind": string;
  readonly "name": string;
  readonly "uid": string;
}

export interface V1ParamKind {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
}

export interface V1ParamRef {
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "parameterNotFoundAction"?: string;
  readonly "selector"?: V1LabelSelector;
}

export interface V1ParentReference {
  readonly "group"?: string;
  readonly "name": string;
  readonly "namespace"?: string;
  readonly "resource": string;
}

export interface V1PersistentVolume {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PersistentVolumeSpec;
  readonly "status"?: V1PersistentVolumeStatus;
}

export interface V1PersistentVolumeClaim {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PersistentVolumeClaimSpec;
  readonly "status"?: V1PersistentVolumeClaimStatus;
}

export interface V1PersistentVolumeClaimCondition {
  readonly "lastProbeTime"?: string | null;
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1PersistentVolumeClaimList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PersistentVolumeClaim>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PersistentVolumeClaimSpec {
  readonly "accessModes"?: ReadonlyArray<string>;
  readonly "dataSource"?: V1TypedLocalObjectReference;
  readonly "dataSourceRef"?: V1TypedObjectReference;
  readonly "resources"?: V1VolumeResourceRequirements;
  readonly "selector"?: V1LabelSelector;
  readonly "storageClassName"?: string;
  readonly "volumeAttributesClassName"?: string;
  readonly "volumeMode"?: string;
  readonly "volumeName"?: string;
}

export interface V1PersistentVolumeClaimStatus {
  readonly "accessModes"?: ReadonlyArray<string>;
  readonly "allocatedResourceStatuses"?: Readonly<Record<string, string>>;
  readonly "allocatedResources"?: Readonly<Record<string, string>>;
  readonly "capacity"?: Readonly<Record<string, string>>;
  readonly "conditions"?: ReadonlyArray<V1PersistentVolumeClaimCondition>;
  readonly "currentVolumeAttributesClassName"?: string;
  readonly "modifyVolumeStatus"?: V1ModifyVolumeStatus;
  readonly "phase"?: string;
}

export interface V1PersistentVolumeClaimTemplate {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1PersistentVolumeClaimSpec;
}

export interface V1PersistentVolumeClaimVolumeSource {
  readonly "claimName": string;
  readonly "readOnly"?: boolean;
}

export interface V1PersistentVolumeList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PersistentVolume>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PersistentVolumeSpec {
  readonly "accessModes"?: ReadonlyArray<string>;
  readonly "awsElasticBlockStore"?: V1AWSElasticBlockStoreVolumeSource;
  readonly "azureDisk"?: V1AzureDiskVolumeSource;
  readonly "azureFile"?: V1AzureFilePersistentVolumeSource;
  readonly "capacity"?: Readonly<Record<string, string>>;
  readonly "cephfs"?: V1CephFSPersistentVolumeSource;
  readonly "cinder"?: V1CinderPersistentVolumeSource;
  readonly "claimRef"?: V1ObjectReference;
  readonly "csi"?: V1CSIPersistentVolumeSource;
  readonly "fc"?: V1FCVolumeSource;
  readonly "flexVolume"?: V1FlexPersistentVolumeSource;
  readonly "flocker"?: V1FlockerVolumeSource;
  readonly "gcePersistentDisk"?: V1GCEPersistentDiskVolumeSource;
  readonly "glusterfs"?: V1GlusterfsPersistentVolumeSource;
  readonly "hostPath"?: V1HostPathVolumeSource;
  readonly "iscsi"?: V1ISCSIPersistentVolumeSource;
  readonly "local"?: V1LocalVolumeSource;
  readonly "mountOptions"?: ReadonlyArray<string>;
  readonly "nfs"?: V1NFSVolumeSource;
  readonly "nodeAffinity"?: V1VolumeNodeAffinity;
  readonly "persistentVolumeReclaimPolicy"?: string;
  readonly "photonPersistentDisk"?: V1PhotonPersistentDiskVolumeSource;
  readonly "portworxVolume"?: V1PortworxVolumeSource;
  readonly "quobyte"?: V1QuobyteVolumeSource;
  readonly "rbd"?: V1RBDPersistentVolumeSource;
  readonly "scaleIO"?: V1ScaleIOPersistentVolumeSource;
  readonly "storageClassName"?: string;
  readonly "storageos"?: V1StorageOSPersistentVolumeSource;
  readonly "volumeAttributesClassName"?: string;
  readonly "volumeMode"?: string;
  readonly "vsphereVolume"?: V1VsphereVirtualDiskVolumeSource;
}

export interface V1PersistentVolumeStatus {
  readonly "lastPhaseTransitionTime"?: string;
  readonly "message"?: string;
  readonly "phase"?: string;
  readonly "reason"?: string;
}

export interface V1PhotonPersistentDiskVolumeSource {
  readonly "fsType"?: string;
  readonly "pdID": string;
}

export interface V1Pod {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PodSpec;
  readonly "status"?: V1PodStatus;
}

export interface V1PodAffinity {
  readonly "preferredDuringSchedulingIgnoredDuringExecution"?: ReadonlyArray<V1WeightedPodAffinityTerm>;
  readonly "requiredDuringSchedulingIgnoredDuringExecution"?: ReadonlyArray<V1PodAffinityTerm>;
}

export interface V1PodAffinityTerm {
  readonly "labelSelector"?: V1LabelSelector;
  readonly "matchLabelKeys"?: ReadonlyArray<string>;
  readonly "mismatchLabelKeys"?: ReadonlyArray<string>;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "namespaces"?: ReadonlyArray<string>;
  readonly "topologyKey": string;
}

export interface V1PodAntiAffinity {
  readonly "preferredDuringSchedulingIgnoredDuringExecution"?: ReadonlyArray<V1WeightedPodAffinityTerm>;
  readonly "requiredDuringSchedulingIgnoredDuringExecution"?: ReadonlyArray<V1PodAffinityTerm>;
}

export interface V1PodCertificateProjection {
  readonly "certificateChainPath"?: string;
  readonly "credentialBundlePath"?: string;
  readonly "keyPath"?: string;
  readonly "keyType": string;
  readonly "maxExpirationSeconds"?: number;
  readonly "signerName": string;
  readonly "userAnnotations"?: Readonly<Record<string, string>>;
}

export interface V1PodCondition {
  readonly "lastProbeTime"?: string | null;
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "observedGeneration"?: number;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1PodDNSConfig {
  readonly "nameservers"?: ReadonlyArray<string>;
  readonly "options"?: ReadonlyArray<V1PodDNSConfigOption>;
  readonly "searches"?: ReadonlyArray<string>;
}

export interface V1PodDNSConfigOption {
  readonly "name"?: string;
  readonly "value"?: string;
}

export interface V1PodDisruptionBudget {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PodDisruptionBudgetSpec;
  readonly "status"?: V1PodDisruptionBudgetStatus;
}

export interface V1PodDisruptionBudgetList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PodDisruptionBudget>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PodDisruptionBudgetSpec {
  readonly "maxUnavailable"?: number | string;
  readonly "minAvailable"?: number | string;
  readonly "selector"?: V1LabelSelector;
  readonly "unhealthyPodEvictionPolicy"?: string;
}

export interface V1PodDisruptionBudgetStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "currentHealthy"?: number;
  readonly "desiredHealthy"?: number;
  readonly "disruptedPods"?: Readonly<Record<string, string>>;
  readonly "disruptionsAllowed"?: number;
  readonly "expectedPods"?: number;
  readonly "observedGeneration"?: number;
}

export interface V1PodExtendedResourceClaimStatus {
  readonly "requestMappings": ReadonlyArray<V1ContainerExtendedResourceRequest>;
  readonly "resourceClaimName": string;
}

export interface V1PodFailurePolicy {
  readonly "rules": ReadonlyArray<V1PodFailurePolicyRule>;
}

export interface V1PodFailurePolicyOnExitCodesRequirement {
  readonly "containerName"?: string;
  readonly "operator": string;
  readonly "values": ReadonlyArray<number>;
}

export interface V1PodFailurePolicyOnPodConditionsPattern {
  readonly "status"?: string;
  readonly "type": string;
}

export interface V1PodFailurePolicyRule {
  readonly "action": string;
  readonly "onExitCodes"?: V1PodFailurePolicyOnExitCodesRequirement;
  readonly "onPodConditions"?: ReadonlyArray<V1PodFailurePolicyOnPodConditionsPattern>;
}

export interface V1PodIP {
  readonly "ip": string;
}

export interface V1PodList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Pod>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PodOS {
  readonly "name": string;
}

export interface V1PodReadinessGate {
  readonly "conditionType": string;
}

export interface V1PodResourceClaim {
  readonly "name": string;
  readonly "resourceClaimName"?: string;
  readonly "resourceClaimTemplateName"?: string;
}

export interface V1PodResourceClaimStatus {
  readonly "name": string;
  readonly "resourceClaimName"?: string;
}

export interface V1PodSchedulingGate {
  readonly "name": string;
}

export interface V1PodSchedulingGroup {
  readonly "podGroupName"?: string;
}

export interface V1PodSecurityContext {
  readonly "appArmorProfile"?: V1AppArmorProfile;
  readonly "fsGroup"?: number;
  readonly "fsGroupChangePolicy"?: string;
  readonly "runAsGroup"?: number;
  readonly "runAsNonRoot"?: boolean;
  readonly "runAsUser"?: number;
  readonly "seLinuxChangePolicy"?: string;
  readonly "seLinuxOptions"?: V1SELinuxOptions;
  readonly "seccompProfile"?: V1SeccompProfile;
  readonly "supplementalGroups"?: ReadonlyArray<number>;
  readonly "supplementalGroupsPolicy"?: string;
  readonly "sysctls"?: ReadonlyArray<V1Sysctl>;
  readonly "windowsOptions"?: V1WindowsSecurityContextOptions;
}

export interface V1PodSpec {
  readonly "activeDeadlineSeconds"?: number;
  readonly "affinity"?: V1Affinity;
  readonly "automountServiceAccountToken"?: boolean;
  readonly "containers": ReadonlyArray<V1Container>;
  readonly "dnsConfig"?: V1PodDNSConfig;
  readonly "dnsPolicy"?: string;
  readonly "enableServiceLinks"?: boolean;
  readonly "ephemeralContainers"?: ReadonlyArray<V1EphemeralContainer>;
  readonly "hostAliases"?: ReadonlyArray<V1HostAlias>;
  readonly "hostIPC"?: boolean;
  readonly "hostNetwork"?: boolean;
  readonly "hostPID"?: boolean;
  readonly "hostUsers"?: boolean;
  readonly "hostname"?: string;
  readonly "hostnameOverride"?: string;
  readonly "imagePullSecrets"?: ReadonlyArray<V1LocalObjectReference>;
  readonly "initContainers"?: ReadonlyArray<V1Container>;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: Readonly<Record<string, string>>;
  readonly "os"?: V1PodOS;
  readonly "overhead"?: Readonly<Record<string, string>>;
  readonly "preemptionPolicy"?: string;
  readonly "priority"?: number;
  readonly "priorityClassName"?: string;
  readonly "readinessGates"?: ReadonlyArray<V1PodReadinessGate>;
  readonly "resourceClaims"?: ReadonlyArray<V1PodResourceClaim>;
  readonly "resources"?: V1ResourceRequirements;
  readonly "restartPolicy"?: string;
  readonly "runtimeClassName"?: string;
  readonly "schedulerName"?: string;
  readonly "schedulingGates"?: ReadonlyArray<V1PodSchedulingGate>;
  readonly "schedulingGroup"?: V1PodSchedulingGroup;
  readonly "securityContext"?: V1PodSecurityContext;
  readonly "serviceAccount"?: string;
  readonly "serviceAccountName"?: string;
  readonly "setHostnameAsFQDN"?: boolean;
  readonly "shareProcessNamespace"?: boolean;
  readonly "subdomain"?: string;
  readonly "terminationGracePeriodSeconds"?: number;
  readonly "tolerations"?: ReadonlyArray<V1Toleration>;
  readonly "topologySpreadConstraints"?: ReadonlyArray<V1TopologySpreadConstraint>;
  readonly "volumes"?: ReadonlyArray<V1Volume>;
}

export interface V1PodStatus {
  readonly "allocatedResources"?: Readonly<Record<string, string>>;
  readonly "conditions"?: ReadonlyArray<V1PodCondition>;
  readonly "containerStatuses"?: ReadonlyArray<V1ContainerStatus>;
  readonly "ephemeralContainerStatuses"?: ReadonlyArray<V1ContainerStatus>;
  readonly "extendedResourceClaimStatus"?: V1PodExtendedResourceClaimStatus;
  readonly "hostIP"?: string;
  readonly "hostIPs"?: ReadonlyArray<V1HostIP>;
  readonly "initContainerStatuses"?: ReadonlyArray<V1ContainerStatus>;
  readonly "message"?: string;
  readonly "nodeAllocatableResourceClaimStatuses"?: ReadonlyArray<V1NodeAllocatableResourceClaimStatus>;
  readonly "nominatedNodeName"?: string;
  readonly "observedGeneration"?: number;
  readonly "phase"?: string;
  readonly "podIP"?: string;
  readonly "podIPs"?: ReadonlyArray<V1PodIP>;
  readonly "qosClass"?: string;
  readonly "reason"?: string;
  readonly "resize"?: string;
  readonly "resourceClaimStatuses"?: ReadonlyArray<V1PodResourceClaimStatus>;
  readonly "resources"?: V1ResourceRequirements;
  readonly "startTime"?: string;
}

export interface V1PodTemplate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "template"?: V1PodTemplateSpec;
}

export interface V1PodTemplateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PodTemplate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PodTemplateSpec {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PodSpec;
}

export interface V1PolicyRule {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "nonResourceURLs"?: ReadonlyArray<string>;
  readonly "resourceNames"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "verbs": ReadonlyArray<string>;
}

export interface V1PolicyRulesWithSubjects {
  readonly "nonResourceRules"?: ReadonlyArray<V1NonResourcePolicyRule>;
  readonly "resourceRules"?: ReadonlyArray<V1ResourcePolicyRule>;
  readonly "subjects": ReadonlyArray<FlowcontrolV1Subject>;
}

export interface V1PortStatus {
  readonly "error"?: string;
  readonly "port": number;
  readonly "protocol": string;
}

export interface V1PortworxVolumeSource {
  readonly "fsType"?: string;
  readonly "readOnly"?: boolean;
  readonly "volumeID": string;
}

export interface V1Preconditions {
  readonly "resourceVersion"?: string;
  readonly "uid"?: string;
}

export interface V1PreferredSchedulingTerm {
  readonly "preference": V1NodeSelectorTerm;
  readonly "weight": number;
}

export interface V1PriorityClass {
  readonly "apiVersion"?: string;
  readonly "description"?: string;
  readonly "globalDefault"?: boolean;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "preemptionPolicy"?: string;
  readonly "value"?: number;
}

export interface V1PriorityClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PriorityClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PriorityLevelConfiguration {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1PriorityLevelConfigurationSpec;
  readonly "status"?: V1PriorityLevelConfigurationStatus;
}

export interface V1PriorityLevelConfigurationCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status"?: string;
  readonly "type"?: string;
}

export interface V1PriorityLevelConfigurationList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1PriorityLevelConfiguration>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1PriorityLevelConfigurationReference {
  readonly "name": string;
}

export interface V1PriorityLevelConfigurationSpec {
  readonly "exempt"?: V1ExemptPriorityLevelConfiguration;
  readonly "limited"?: V1LimitedPriorityLevelConfiguration;
  readonly "type": string;
}

export interface V1PriorityLevelConfigurationStatus {
  readonly "conditions"?: ReadonlyArray<V1PriorityLevelConfigurationCondition>;
}

export interface V1Probe {
  readonly "exec"?: V1ExecAction;
  readonly "failureThreshold"?: number;
  readonly "grpc"?: V1GRPCAction;
  readonly "httpGet"?: V1HTTPGetAction;
  readonly "initialDelaySeconds"?: number;
  readonly "periodSeconds"?: number;
  readonly "successThreshold"?: number;
  readonly "tcpSocket"?: V1TCPSocketAction;
  readonly "terminationGracePeriodSeconds"?: number;
  readonly "timeoutSeconds"?: number;
}

export interface V1ProjectedVolumeSource {
  readonly "defaultMode"?: number;
  readonly "sources"?: ReadonlyArray<V1VolumeProjection> | null;
}

export interface V1QueuingConfiguration {
  readonly "handSize"?: number;
  readonly "queueLengthLimit"?: number;
  readonly "queues"?: number;
}

export interface V1QuobyteVolumeSource {
  readonly "group"?: string;
  readonly "readOnly"?: boolean;
  readonly "registry": string;
  readonly "tenant"?: string;
  readonly "user"?: string;
  readonly "volume": string;
}

export interface V1RBDPersistentVolumeSource {
  readonly "fsType"?: string;
  readonly "image": string;
  readonly "keyring"?: string;
  readonly "monitors": ReadonlyArray<string>;
  readonly "pool"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1SecretReference;
  readonly "user"?: string;
}

export interface V1RBDVolumeSource {
  readonly "fsType"?: string;
  readonly "image": string;
  readonly "keyring"?: string;
  readonly "monitors": ReadonlyArray<string>;
  readonly "pool"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "user"?: string;
}

export interface V1ReplicaSet {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ReplicaSetSpec;
  readonly "status"?: V1ReplicaSetStatus;
}

export interface V1ReplicaSetCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1ReplicaSetList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ReplicaSet>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ReplicaSetSpec {
  readonly "minReadySeconds"?: number;
  readonly "replicas"?: number;
  readonly "selector"?: V1LabelSelector;
  readonly "template"?: V1PodTemplateSpec;
}

export interface V1ReplicaSetStatus {
  readonly "availableReplicas"?: number;
  readonly "conditions"?: ReadonlyArray<V1ReplicaSetCondition>;
  readonly "fullyLabeledReplicas"?: number;
  readonly "observedGeneration"?: number;
  readonly "readyReplicas"?: number;
  readonly "replicas": number;
  readonly "terminatingReplicas"?: number;
}

export interface V1ReplicationController {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ReplicationControllerSpec;
  readonly "status"?: V1ReplicationControllerStatus;
}

export interface V1ReplicationControllerCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1ReplicationControllerList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ReplicationController>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ReplicationControllerSpec {
  readonly "minReadySeconds"?: number;
  readonly "replicas"?: number;
  readonly "selector"?: Readonly<Record<string, string>>;
  readonly "template"?: V1PodTemplateSpec;
}

export interface V1ReplicationControllerStatus {
  readonly "availableReplicas"?: number;
  readonly "conditions"?: ReadonlyArray<V1ReplicationControllerCondition>;
  readonly "fullyLabeledReplicas"?: number;
  readonly "observedGeneration"?: number;
  readonly "readyReplicas"?: number;
  readonly "replicas": number;
}

export interface V1ResourceAttributes {
  readonly "fieldSelector"?: V1FieldSelectorAttributes;
  readonly "group"?: string;
  readonly "labelSelector"?: V1LabelSelectorAttributes;
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "resource"?: string;
  readonly "subresource"?: string;
  readonly "verb"?: string;
  readonly "version"?: string;
}

export interface V1ResourceClaimConsumerReference {
  readonly "apiGroup"?: string;
  readonly "name": string;
  readonly "resource": string;
  readonly "uid": string;
}

export interface V1ResourceClaimList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<ResourceV1ResourceClaim>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ResourceClaimSpec {
  readonly "devices"?: V1DeviceClaim;
}

export interface V1ResourceClaimStatus {
  readonly "allocation"?: V1AllocationResult;
  readonly "devices"?: ReadonlyArray<V1AllocatedDeviceStatus>;
  readonly "reservedFor"?: ReadonlyArray<V1ResourceClaimConsumerReference>;
}

export interface V1ResourceClaimTemplate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1ResourceClaimTemplateSpec;
}

export interface V1ResourceClaimTemplateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ResourceClaimTemplate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ResourceClaimTemplateSpec {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1ResourceClaimSpec;
}

export interface V1ResourceFieldSelector {
  readonly "containerName"?: string;
  readonly "divisor"?: string;
  readonly "resource": string;
}

export interface V1ResourceHealth {
  readonly "health"?: string;
  readonly "message"?: string;
  readonly "resourceID": string;
}

export interface V1ResourcePolicyRule {
  readonly "apiGroups": ReadonlyArray<string>;
  readonly "clusterScope"?: boolean;
  readonly "namespaces"?: ReadonlyArray<string> | null;
  readonly "resources": ReadonlyArray<string>;
  readonly "verbs": ReadonlyArray<string>;
}

export interface V1ResourcePool {
  readonly "generation": number;
  readonly "name": string;
  readonly "resourceSliceCount": number;
}

export interface V1ResourceQuota {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ResourceQuotaSpec;
  readonly "status"?: V1ResourceQuotaStatus;
}

export interface V1ResourceQuotaList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ResourceQuota>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ResourceQuotaSpec {
  readonly "hard"?: Readonly<Record<string, string>>;
  readonly "scopeSelector"?: V1ScopeSelector;
  readonly "scopes"?: ReadonlyArray<string>;
}

export interface V1ResourceQuotaStatus {
  readonly "hard"?: Readonly<Record<string, string>>;
  readonly "used"?: Readonly<Record<string, string>>;
}

export interface V1ResourceRequirements {
  readonly "claims"?: ReadonlyArray<CoreV1ResourceClaim>;
  readonly "limits"?: Readonly<Record<string, string>>;
  readonly "requests"?: Readonly<Record<string, string>>;
}

export interface V1ResourceRule {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "resourceNames"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "verbs": ReadonlyArray<string>;
}

export interface V1ResourceSlice {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1ResourceSliceSpec;
}

export interface V1ResourceSliceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ResourceSlice>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ResourceSliceSpec {
  readonly "allNodes"?: boolean;
  readonly "devices"?: ReadonlyArray<V1Device>;
  readonly "driver": string;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "perDeviceNodeSelection"?: boolean;
  readonly "pool": V1ResourcePool;
  readonly "sharedCounters"?: ReadonlyArray<V1CounterSet>;
}

export interface V1ResourceStatus {
  readonly "name": string;
  readonly "resources"?: ReadonlyArray<V1ResourceHealth>;
}

export interface V1Role {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "rules"?: ReadonlyArray<V1PolicyRule> | null;
}

export interface V1RoleBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "roleRef": V1RoleRef;
  readonly "subjects"?: ReadonlyArray<RbacV1Subject>;
}

export interface V1RoleBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1RoleBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1RoleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Role>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1RoleRef {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
}

export interface V1RollingUpdateDaemonSet {
  readonly "maxSurge"?: number | string;
  readonly "maxUnavailable"?: number | string;
}

export interface V1RollingUpdateDeployment {
  readonly "maxSurge"?: number | string;
  readonly "maxUnavailable"?: number | string;
}

export interface V1RollingUpdateStatefulSetStrategy {
  readonly "maxUnavailable"?: number | string;
  readonly "partition"?: number;
}

export interface V1RuleWithOperations {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "apiVersions"?: ReadonlyArray<string>;
  readonly "operations"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "scope"?: string;
}

export interface V1RuntimeClass {
  readonly "apiVersion"?: string;
  readonly "handler": string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "overhead"?: V1Overhead;
  readonly "scheduling"?: V1Scheduling;
}

export interface V1RuntimeClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1RuntimeClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1SELinuxOptions {
  readonly "level"?: string;
  readonly "role"?: string;
  readonly "type"?: string;
  readonly "user"?: string;
}

export interface V1Scale {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ScaleSpec;
  readonly "status"?: V1ScaleStatus;
}

export interface V1ScaleIOPersistentVolumeSource {
  readonly "fsType"?: string;
  readonly "gateway": string;
  readonly "protectionDomain"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1SecretReference;
  readonly "sslEnabled"?: boolean;
  readonly "storageMode"?: string;
  readonly "storagePool"?: string;
  readonly "system": string;
  readonly "volumeName"?: string;
}

export interface V1ScaleIOVolumeSource {
  readonly "fsType"?: string;
  readonly "gateway": string;
  readonly "protectionDomain"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "sslEnabled"?: boolean;
  readonly "storageMode"?: string;
  readonly "storagePool"?: string;
  readonly "system": string;
  readonly "volumeName"?: string;
}

export interface V1ScaleSpec {
  readonly "replicas"?: number;
}

export interface V1ScaleStatus {
  readonly "replicas": number;
  readonly "selector"?: string;
}

export interface V1Scheduling {
  readonly "nodeSelector"?: Readonly<Record<string, string>>;
  readonly "tolerations"?: ReadonlyArray<V1Toleration>;
}

export interface V1ScopeSelector {
  readonly "matchExpressions"?: ReadonlyArray<V1ScopedResourceSelectorRequirement>;
}

export interface V1ScopedResourceSelectorRequirement {
  readonly "operator": string;
  readonly "scopeName": string;
  readonly "values"?: ReadonlyArray<string>;
}

export interface V1SeccompProfile {
  readonly "localhostProfile"?: string;
  readonly "type": string;
}

export interface V1Secret {
  readonly "apiVersion"?: string;
  readonly "data"?: Readonly<Record<string, string>>;
  readonly "immutable"?: boolean;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "stringData"?: Readonly<Record<string, string>>;
  readonly "type"?: string;
}

export interface V1SecretEnvSource {
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1SecretKeySelector {
  readonly "key": string;
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1SecretList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Secret>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1SecretProjection {
  readonly "items"?: ReadonlyArray<V1KeyToPath>;
  readonly "name"?: string;
  readonly "optional"?: boolean;
}

export interface V1SecretReference {
  readonly "name"?: string;
  readonly "namespace"?: string;
}

export interface V1SecretVolumeSource {
  readonly "defaultMode"?: number;
  readonly "items"?: ReadonlyArray<V1KeyToPath>;
  readonly "optional"?: boolean;
  readonly "secretName"?: string;
}

export interface V1SecurityContext {
  readonly "allowPrivilegeEscalation"?: boolean;
  readonly "appArmorProfile"?: V1AppArmorProfile;
  readonly "capabilities"?: V1Capabilities;
  readonly "privileged"?: boolean;
  readonly "procMount"?: string;
  readonly "readOnlyRootFilesystem"?: boolean;
  readonly "runAsGroup"?: number;
  readonly "runAsNonRoot"?: boolean;
  readonly "runAsUser"?: number;
  readonly "seLinuxOptions"?: V1SELinuxOptions;
  readonly "seccompProfile"?: V1SeccompProfile;
  readonly "windowsOptions"?: V1WindowsSecurityContextOptions;
}

export interface V1SelectableField {
  readonly "jsonPath": string;
}

export interface V1SelfSubjectAccessReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1SelfSubjectAccessReviewSpec;
  readonly "status"?: V1SubjectAccessReviewStatus;
}

export interface V1SelfSubjectAccessReviewSpec {
  readonly "nonResourceAttributes"?: V1NonResourceAttributes;
  readonly "resourceAttributes"?: V1ResourceAttributes;
}

export interface V1SelfSubjectReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "status"?: V1SelfSubjectReviewStatus;
}

export interface V1SelfSubjectReviewStatus {
  readonly "userInfo"?: V1UserInfo;
}

export interface V1SelfSubjectRulesReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1SelfSubjectRulesReviewSpec;
  readonly "status"?: V1SubjectRulesReviewStatus;
}

export interface V1SelfSubjectRulesReviewSpec {
  readonly "namespace"?: string;
}

export interface V1ServerAddressByClientCIDR {
  readonly "clientCIDR": string;
  readonly "serverAddress": string;
}

export interface V1Service {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ServiceSpec;
  readonly "status"?: V1ServiceStatus;
}

export interface V1ServiceAccount {
  readonly "apiVersion"?: string;
  readonly "automountServiceAccountToken"?: boolean;
  readonly "imagePullSecrets"?: ReadonlyArray<V1LocalObjectReference>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "secrets"?: ReadonlyArray<V1ObjectReference>;
}

export interface V1ServiceAccountList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ServiceAccount>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ServiceAccountSubject {
  readonly "name": string;
  readonly "namespace": string;
}

export interface V1ServiceAccountTokenProjection {
  readonly "audience"?: string;
  readonly "expirationSeconds"?: number;
  readonly "path": string;
}

export interface V1ServiceBackendPort {
  readonly "name"?: string;
  readonly "number"?: number;
}

export interface V1ServiceCIDR {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ServiceCIDRSpec;
  readonly "status"?: V1ServiceCIDRStatus;
}

export interface V1ServiceCIDRList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ServiceCIDR>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ServiceCIDRSpec {
  readonly "cidrs"?: ReadonlyArray<string>;
}

export interface V1ServiceCIDRStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
}

export interface V1ServiceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1Service>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ServicePort {
  readonly "appProtocol"?: string;
  readonly "name"?: string;
  readonly "nodePort"?: number;
  readonly "port": number;
  readonly "protocol"?: string;
  readonly "targetPort"?: number | string;
}

export interface V1ServiceSpec {
  readonly "allocateLoadBalancerNodePorts"?: boolean;
  readonly "clusterIP"?: string;
  readonly "clusterIPs"?: ReadonlyArray<string>;
  readonly "externalIPs"?: ReadonlyArray<string>;
  readonly "externalName"?: string;
  readonly "externalTrafficPolicy"?: string;
  readonly "healthCheckNodePort"?: number;
  readonly "internalTrafficPolicy"?: string;
  readonly "ipFamilies"?: ReadonlyArray<string>;
  readonly "ipFamilyPolicy"?: string;
  readonly "loadBalancerClass"?: string;
  readonly "loadBalancerIP"?: string;
  readonly "loadBalancerSourceRanges"?: ReadonlyArray<string>;
  readonly "ports"?: ReadonlyArray<V1ServicePort>;
  readonly "publishNotReadyAddresses"?: boolean;
  readonly "selector"?: Readonly<Record<string, string>>;
  readonly "sessionAffinity"?: string;
  readonly "sessionAffinityConfig"?: V1SessionAffinityConfig;
  readonly "trafficDistribution"?: string;
  readonly "type"?: string;
}

export interface V1ServiceStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "loadBalancer"?: V1LoadBalancerStatus;
}

export interface V1SessionAffinityConfig {
  readonly "clientIP"?: V1ClientIPConfig;
}

export interface V1ShardInfo {
  readonly "selector": string;
}

export interface V1SleepAction {
  readonly "seconds": number;
}

export interface V1StatefulSet {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1StatefulSetSpec;
  readonly "status"?: V1StatefulSetStatus;
}

export interface V1StatefulSetCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1StatefulSetList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1StatefulSet>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1StatefulSetOrdinals {
  readonly "start"?: number;
}

export interface V1StatefulSetPersistentVolumeClaimRetentionPolicy {
  readonly "whenDeleted"?: string;
  readonly "whenScaled"?: string;
}

export interface V1StatefulSetSpec {
  readonly "minReadySeconds"?: number;
  readonly "ordinals"?: V1StatefulSetOrdinals;
  readonly "persistentVolumeClaimRetentionPolicy"?: V1StatefulSetPersistentVolumeClaimRetentionPolicy;
  readonly "podManagementPolicy"?: string;
  readonly "replicas"?: number;
  readonly "revisionHistoryLimit"?: number;
  readonly "selector"?: V1LabelSelector;
  readonly "serviceName"?: string;
  readonly "template": V1PodTemplateSpec;
  readonly "updateStrategy"?: V1StatefulSetUpdateStrategy;
  readonly "volumeClaimTemplates"?: ReadonlyArray<V1PersistentVolumeClaim>;
}

export interface V1StatefulSetStatus {
  readonly "availableReplicas"?: number;
  readonly "collisionCount"?: number;
  readonly "conditions"?: ReadonlyArray<V1StatefulSetCondition>;
  readonly "currentReplicas"?: number;
  readonly "currentRevision"?: string;
  readonly "observedGeneration"?: number;
  readonly "readyReplicas"?: number;
  readonly "replicas": number;
  readonly "updateRevision"?: string;
  readonly "updatedReplicas"?: number;
}

export interface V1StatefulSetUpdateStrategy {
  readonly "rollingUpdate"?: V1RollingUpdateStatefulSetStrategy;
  readonly "type"?: string;
}

export interface V1Status {
  readonly "apiVersion"?: string;
  readonly "code"?: number;
  readonly "details"?: V1StatusDetails;
  readonly "kind"?: string;
  readonly "message"?: string;
  readonly "metadata"?: V1ListMeta;
  readonly "reason"?: string;
  readonly "status"?: string;
}

export interface V1StatusCause {
  readonly "field"?: string;
  readonly "message"?: string;
  readonly "reason"?: string;
}

export interface V1StatusDetails {
  readonly "causes"?: ReadonlyArray<V1StatusCause>;
  readonly "group"?: string;
  readonly "kind"?: string;
  readonly "name"?: string;
  readonly "retryAfterSeconds"?: number;
  readonly "uid"?: string;
}

export interface V1StorageClass {
  readonly "allowVolumeExpansion"?: boolean;
  readonly "allowedTopologies"?: ReadonlyArray<V1TopologySelectorTerm>;
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "mountOptions"?: ReadonlyArray<string>;
  readonly "parameters"?: Readonly<Record<string, string>>;
  readonly "provisioner": string;
  readonly "reclaimPolicy"?: string;
  readonly "volumeBindingMode"?: string;
}

export interface V1StorageClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1StorageClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1StorageOSPersistentVolumeSource {
  readonly "fsType"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1ObjectReference;
  readonly "volumeName"?: string;
  readonly "volumeNamespace"?: string;
}

export interface V1StorageOSVolumeSource {
  readonly "fsType"?: string;
  readonly "readOnly"?: boolean;
  readonly "secretRef"?: V1LocalObjectReference;
  readonly "volumeName"?: string;
  readonly "volumeNamespace"?: string;
}

export interface V1SubjectAccessReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1SubjectAccessReviewSpec;
  readonly "status"?: V1SubjectAccessReviewStatus;
}

export interface V1SubjectAccessReviewSpec {
  readonly "extra"?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly "groups"?: ReadonlyArray<string>;
  readonly "nonResourceAttributes"?: V1NonResourceAttributes;
  readonly "resourceAttributes"?: V1ResourceAttributes;
  readonly "uid"?: string;
  readonly "user"?: string;
}

export interface V1SubjectAccessReviewStatus {
  readonly "allowed": boolean;
  readonly "denied"?: boolean;
  readonly "evaluationError"?: string;
  readonly "reason"?: string;
}

export interface V1SubjectRulesReviewStatus {
  readonly "evaluationError"?: string;
  readonly "incomplete": boolean;
  readonly "nonResourceRules": ReadonlyArray<V1NonResourceRule>;
  readonly "resourceRules": ReadonlyArray<V1ResourceRule>;
}

export interface V1SuccessPolicy {
  readonly "rules": ReadonlyArray<V1SuccessPolicyRule>;
}

export interface V1SuccessPolicyRule {
  readonly "succeededCount"?: number;
  readonly "succeededIndexes"?: string;
}

export interface V1Sysctl {
  readonly "name": string;
  readonly "value": string;
}

export interface V1TCPSocketAction {
  readonly "host"?: string;
  readonly "port": number | string;
}

export interface V1Taint {
  readonly "effect": string;
  readonly "key": string;
  readonly "timeAdded"?: string;
  readonly "value"?: string;
}

export interface V1TokenRequestSpec {
  readonly "audiences"?: ReadonlyArray<string> | null;
  readonly "boundObjectRef"?: V1BoundObjectReference;
  readonly "expirationSeconds"?: number;
}

export interface V1TokenRequestStatus {
  readonly "expirationTimestamp"?: string | null;
  readonly "token"?: string;
}

export interface V1TokenReview {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1TokenReviewSpec;
  readonly "status"?: V1TokenReviewStatus;
}

export interface V1TokenReviewSpec {
  readonly "audiences"?: ReadonlyArray<string>;
  readonly "token": string;
}

export interface V1TokenReviewStatus {
  readonly "audiences"?: ReadonlyArray<string>;
  readonly "authenticated"?: boolean;
  readonly "error"?: string;
  readonly "user"?: V1UserInfo;
}

export interface V1Toleration {
  readonly "effect"?: string;
  readonly "key"?: string;
  readonly "operator"?: string;
  readonly "tolerationSeconds"?: number;
  readonly "value"?: string;
}

export interface V1TopologySelectorLabelRequirement {
  readonly "key": string;
  readonly "values": ReadonlyArray<string>;
}

export interface V1TopologySelectorTerm {
  readonly "matchLabelExpressions"?: ReadonlyArray<V1TopologySelectorLabelRequirement>;
}

export interface V1TopologySpreadConstraint {
  readonly "labelSelector"?: V1LabelSelector;
  readonly "matchLabelKeys"?: ReadonlyArray<string>;
  readonly "maxSkew": number;
  readonly "minDomains"?: number;
  readonly "nodeAffinityPolicy"?: string;
  readonly "nodeTaintsPolicy"?: string;
  readonly "topologyKey": string;
  readonly "whenUnsatisfiable": string;
}

export interface V1TypeChecking {
  readonly "expressionWarnings"?: ReadonlyArray<V1ExpressionWarning>;
}

export interface V1TypedLocalObjectReference {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
}

export interface V1TypedObjectReference {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
  readonly "namespace"?: string;
}

export interface V1UncountedTerminatedPods {
  readonly "failed"?: ReadonlyArray<string>;
  readonly "succeeded"?: ReadonlyArray<string>;
}

export interface V1UserInfo {
  readonly "extra"?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly "groups"?: ReadonlyArray<string>;
  readonly "uid"?: string;
  readonly "username"?: string;
}

export interface V1UserSubject {
  readonly "name": string;
}

export interface V1ValidatingAdmissionPolicy {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1ValidatingAdmissionPolicySpec;
  readonly "status"?: V1ValidatingAdmissionPolicyStatus;
}

export interface V1ValidatingAdmissionPolicyBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1ValidatingAdmissionPolicyBindingSpec;
}

export interface V1ValidatingAdmissionPolicyBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ValidatingAdmissionPolicyBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ValidatingAdmissionPolicyBindingSpec {
  readonly "matchResources"?: V1MatchResources;
  readonly "paramRef"?: V1ParamRef;
  readonly "policyName": string;
  readonly "validationActions": ReadonlyArray<string>;
}

export interface V1ValidatingAdmissionPolicyList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ValidatingAdmissionPolicy>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1ValidatingAdmissionPolicySpec {
  readonly "auditAnnotations"?: ReadonlyArray<V1AuditAnnotation>;
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1MatchCondition>;
  readonly "matchConstraints"?: V1MatchResources;
  readonly "paramKind"?: V1ParamKind;
  readonly "validations"?: ReadonlyArray<V1Validation>;
  readonly "variables"?: ReadonlyArray<V1Variable>;
}

export interface V1ValidatingAdmissionPolicyStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "observedGeneration"?: number;
  readonly "typeChecking"?: V1TypeChecking;
}

export interface V1ValidatingWebhook {
  readonly "admissionReviewVersions": ReadonlyArray<string>;
  readonly "clientConfig": AdmissionregistrationV1WebhookClientConfig;
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1MatchCondition>;
  readonly "matchPolicy"?: string;
  readonly "name": string;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "objectSelector"?: V1LabelSelector;
  readonly "rules"?: ReadonlyArray<V1RuleWithOperations>;
  readonly "sideEffects"?: string;
  readonly "timeoutSeconds"?: number;
}

export interface V1ValidatingWebhookConfiguration {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "webhooks"?: ReadonlyArray<V1ValidatingWebhook>;
}

export interface V1ValidatingWebhookConfigurationList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1ValidatingWebhookConfiguration>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1Validation {
  readonly "expression": string;
  readonly "message"?: string;
  readonly "messageExpression"?: string;
  readonly "reason"?: string;
}

export interface V1ValidationRule {
  readonly "fieldPath"?: string;
  readonly "message"?: string;
  readonly "messageExpression"?: string;
  readonly "optionalOldSelf"?: boolean;
  readonly "reason"?: string;
  readonly "rule": string;
}

export interface V1Variable {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1Volume {
  readonly "awsElasticBlockStore"?: V1AWSElasticBlockStoreVolumeSource;
  readonly "azureDisk"?: V1AzureDiskVolumeSource;
  readonly "azureFile"?: V1AzureFileVolumeSource;
  readonly "cephfs"?: V1CephFSVolumeSource;
  readonly "cinder"?: V1CinderVolumeSource;
  readonly "configMap"?: V1ConfigMapVolumeSource;
  readonly "csi"?: V1CSIVolumeSource;
  readonly "downwardAPI"?: V1DownwardAPIVolumeSource;
  readonly "emptyDir"?: V1EmptyDirVolumeSource;
  readonly "ephemeral"?: V1EphemeralVolumeSource;
  readonly "fc"?: V1FCVolumeSource;
  readonly "flexVolume"?: V1FlexVolumeSource;
  readonly "flocker"?: V1FlockerVolumeSource;
  readonly "gcePersistentDisk"?: V1GCEPersistentDiskVolumeSource;
  readonly "gitRepo"?: V1GitRepoVolumeSource;
  readonly "glusterfs"?: V1GlusterfsVolumeSource;
  readonly "hostPath"?: V1HostPathVolumeSource;
  readonly "image"?: V1ImageVolumeSource;
  readonly "iscsi"?: V1ISCSIVolumeSource;
  readonly "name": string;
  readonly "nfs"?: V1NFSVolumeSource;
  readonly "persistentVolumeClaim"?: V1PersistentVolumeClaimVolumeSource;
  readonly "photonPersistentDisk"?: V1PhotonPersistentDiskVolumeSource;
  readonly "portworxVolume"?: V1PortworxVolumeSource;
  readonly "projected"?: V1ProjectedVolumeSource;
  readonly "quobyte"?: V1QuobyteVolumeSource;
  readonly "rbd"?: V1RBDVolumeSource;
  readonly "scaleIO"?: V1ScaleIOVolumeSource;
  readonly "secret"?: V1SecretVolumeSource;
  readonly "storageos"?: V1StorageOSVolumeSource;
  readonly "vsphereVolume"?: V1VsphereVirtualDiskVolumeSource;
}

export interface V1VolumeAttachment {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1VolumeAttachmentSpec;
  readonly "status"?: V1VolumeAttachmentStatus;
}

export interface V1VolumeAttachmentList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1VolumeAttachment>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1VolumeAttachmentSource {
  readonly "inlineVolumeSpec"?: V1PersistentVolumeSpec;
  readonly "persistentVolumeName"?: string;
}

export interface V1VolumeAttachmentSpec {
  readonly "attacher": string;
  readonly "nodeName": string;
  readonly "source": V1VolumeAttachmentSource;
}

export interface V1VolumeAttachmentStatus {
  readonly "attachError"?: V1VolumeError;
  readonly "attached": boolean;
  readonly "attachmentMetadata"?: Readonly<Record<string, string>>;
  readonly "detachError"?: V1VolumeError;
}

export interface V1VolumeAttributesClass {
  readonly "apiVersion"?: string;
  readonly "driverName": string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "parameters"?: Readonly<Record<string, string>>;
}

export interface V1VolumeAttributesClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1VolumeAttributesClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1VolumeDevice {
  readonly "devicePath": string;
  readonly "name": string;
}

export interface V1VolumeError {
  readonly "errorCode"?: number;
  readonly "message"?: string;
  readonly "time"?: string | null;
}

export interface V1VolumeMount {
  readonly "mountPath": string;
  readonly "mountPropagation"?: string;
  readonly "name": string;
  readonly "readOnly"?: boolean;
  readonly "recursiveReadOnly"?: string;
  readonly "subPath"?: string;
  readonly "subPathExpr"?: string;
}

export interface V1VolumeMountStatus {
  readonly "mountPath": string;
  readonly "name": string;
  readonly "readOnly"?: boolean;
  readonly "recursiveReadOnly"?: string;
  readonly "volumeStatus"?: V1VolumeStatus;
}

export interface V1VolumeNodeAffinity {
  readonly "required"?: V1NodeSelector;
}

export interface V1VolumeNodeResources {
  readonly "count"?: number;
}

export interface V1VolumeProjection {
  readonly "clusterTrustBundle"?: V1ClusterTrustBundleProjection;
  readonly "configMap"?: V1ConfigMapProjection;
  readonly "downwardAPI"?: V1DownwardAPIProjection;
  readonly "podCertificate"?: V1PodCertificateProjection;
  readonly "secret"?: V1SecretProjection;
  readonly "serviceAccountToken"?: V1ServiceAccountTokenProjection;
}

export interface V1VolumeResourceRequirements {
  readonly "limits"?: Readonly<Record<string, string>>;
  readonly "requests"?: Readonly<Record<string, string>>;
}

export interface V1VolumeStatus {
  readonly "image"?: V1ImageVolumeStatus;
}

export interface V1VsphereVirtualDiskVolumeSource {
  readonly "fsType"?: string;
  readonly "storagePolicyID"?: string;
  readonly "storagePolicyName"?: string;
  readonly "volumePath": string;
}

export interface V1WatchEvent {
  readonly "object": unknown;
  readonly "type": string;
}

export interface V1WebhookConversion {
  readonly "clientConfig"?: ApiextensionsV1WebhookClientConfig;
  readonly "conversionReviewVersions": ReadonlyArray<string>;
}

export interface V1WeightedPodAffinityTerm {
  readonly "podAffinityTerm": V1PodAffinityTerm;
  readonly "weight": number;
}

export interface V1WindowsSecurityContextOptions {
  readonly "gmsaCredentialSpec"?: string;
  readonly "gmsaCredentialSpecName"?: string;
  readonly "hostProcess"?: boolean;
  readonly "runAsUserName"?: string;
}

export interface V1alpha1ApplyConfiguration {
  readonly "expression"?: string;
}

export interface V1alpha1ClusterTrustBundle {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1alpha1ClusterTrustBundleSpec;
}

export interface V1alpha1ClusterTrustBundleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha1ClusterTrustBundle>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha1ClusterTrustBundleSpec {
  readonly "signerName"?: string;
  readonly "trustBundle": string;
}

export interface V1alpha1JSONPatch {
  readonly "expression"?: string;
}

export interface V1alpha1MatchCondition {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1alpha1MatchResources {
  readonly "excludeResourceRules"?: ReadonlyArray<V1alpha1NamedRuleWithOperations>;
  readonly "matchPolicy"?: string;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "objectSelector"?: V1LabelSelector;
  readonly "resourceRules"?: ReadonlyArray<V1alpha1NamedRuleWithOperations>;
}

export interface V1alpha1MutatingAdmissionPolicy {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1alpha1MutatingAdmissionPolicySpec;
}

export interface V1alpha1MutatingAdmissionPolicyBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1alpha1MutatingAdmissionPolicyBindingSpec;
}

export interface V1alpha1MutatingAdmissionPolicyBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha1MutatingAdmissionPolicyBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha1MutatingAdmissionPolicyBindingSpec {
  readonly "matchResources"?: V1alpha1MatchResources;
  readonly "paramRef"?: V1alpha1ParamRef;
  readonly "policyName"?: string;
}

export interface V1alpha1MutatingAdmissionPolicyList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha1MutatingAdmissionPolicy>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha1MutatingAdmissionPolicySpec {
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1alpha1MatchCondition>;
  readonly "matchConstraints"?: V1alpha1MatchResources;
  readonly "mutations"?: ReadonlyArray<V1alpha1Mutation>;
  readonly "paramKind"?: V1alpha1ParamKind;
  readonly "reinvocationPolicy"?: string;
  readonly "variables"?: ReadonlyArray<V1alpha1Variable>;
}

export interface V1alpha1Mutation {
  readonly "applyConfiguration"?: V1alpha1ApplyConfiguration;
  readonly "jsonPatch"?: V1alpha1JSONPatch;
  readonly "patchType": string;
}

export interface V1alpha1NamedRuleWithOperations {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "apiVersions"?: ReadonlyArray<string>;
  readonly "operations"?: ReadonlyArray<string>;
  readonly "resourceNames"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "scope"?: string;
}

export interface V1alpha1ParamKind {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
}

export interface V1alpha1ParamRef {
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "parameterNotFoundAction"?: string;
  readonly "selector"?: V1LabelSelector;
}

export interface V1alpha1ServerStorageVersion {
  readonly "apiServerID": string;
  readonly "decodableVersions": ReadonlyArray<string>;
  readonly "encodingVersion": string;
  readonly "servedVersions"?: ReadonlyArray<string>;
}

export interface V1alpha1StorageVersion {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata": V1ObjectMeta;
  readonly "spec"?: unknown;
  readonly "status"?: V1alpha1StorageVersionStatus;
}

export interface V1alpha1StorageVersionCondition {
  readonly "lastTransitionTime"?: string;
  readonly "message": string;
  readonly "observedGeneration"?: number;
  readonly "reason": string;
  readonly "status": string;
  readonly "type": string;
}

export interface V1alpha1StorageVersionList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha1StorageVersion>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha1StorageVersionStatus {
  readonly "commonEncodingVersion"?: string;
  readonly "conditions"?: ReadonlyArray<V1alpha1StorageVersionCondition>;
  readonly "storageVersions"?: ReadonlyArray<V1alpha1ServerStorageVersion>;
}

export interface V1alpha1Variable {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1alpha2GangSchedulingPolicy {
  readonly "minCount": number;
}

export interface V1alpha2LeaseCandidate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1alpha2LeaseCandidateSpec;
}

export interface V1alpha2LeaseCandidateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha2LeaseCandidate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha2LeaseCandidateSpec {
  readonly "binaryVersion": string;
  readonly "emulationVersion"?: string;
  readonly "leaseName": string;
  readonly "pingTime"?: string;
  readonly "renewTime"?: string;
  readonly "strategy": string;
}

export interface V1alpha2PodGroup {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1alpha2PodGroupSpec;
  readonly "status"?: V1alpha2PodGroupStatus;
}

export interface V1alpha2PodGroupList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha2PodGroup>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha2PodGroupResourceClaim {
  readonly "name": string;
  readonly "resourceClaimName"?: string;
  readonly "resourceClaimTemplateName"?: string;
}

export interface V1alpha2PodGroupResourceClaimStatus {
  readonly "name": string;
  readonly "resourceClaimName"?: string;
}

export interface V1alpha2PodGroupSchedulingConstraints {
  readonly "topology"?: ReadonlyArray<V1alpha2TopologyConstraint>;
}

export interface V1alpha2PodGroupSchedulingPolicy {
  readonly "basic"?: unknown;
  readonly "gang"?: V1alpha2GangSchedulingPolicy;
}

export interface V1alpha2PodGroupSpec {
  readonly "disruptionMode"?: string;
  readonly "podGroupTemplateRef"?: V1alpha2PodGroupTemplateReference;
  readonly "priority"?: number;
  readonly "priorityClassName"?: string;
  readonly "resourceClaims"?: ReadonlyArray<V1alpha2PodGroupResourceClaim>;
  readonly "schedulingConstraints"?: V1alpha2PodGroupSchedulingConstraints;
  readonly "schedulingPolicy": V1alpha2PodGroupSchedulingPolicy;
}

export interface V1alpha2PodGroupStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "resourceClaimStatuses"?: ReadonlyArray<V1alpha2PodGroupResourceClaimStatus>;
}

export interface V1alpha2PodGroupTemplate {
  readonly "disruptionMode"?: string;
  readonly "name": string;
  readonly "priority"?: number;
  readonly "priorityClassName"?: string;
  readonly "resourceClaims"?: ReadonlyArray<V1alpha2PodGroupResourceClaim>;
  readonly "schedulingConstraints"?: V1alpha2PodGroupSchedulingConstraints;
  readonly "schedulingPolicy": V1alpha2PodGroupSchedulingPolicy;
}

export interface V1alpha2PodGroupTemplateReference {
  readonly "workload"?: V1alpha2WorkloadPodGroupTemplateReference;
}

export interface V1alpha2TopologyConstraint {
  readonly "key": string;
}

export interface V1alpha2TypedLocalObjectReference {
  readonly "apiGroup"?: string;
  readonly "kind": string;
  readonly "name": string;
}

export interface V1alpha2Workload {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1alpha2WorkloadSpec;
}

export interface V1alpha2WorkloadList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha2Workload>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha2WorkloadPodGroupTemplateReference {
  readonly "podGroupTemplateName": string;
  readonly "workloadName": string;
}

export interface V1alpha2WorkloadSpec {
  readonly "controllerRef"?: V1alpha2TypedLocalObjectReference;
  readonly "podGroupTemplates": ReadonlyArray<V1alpha2PodGroupTemplate>;
}

export interface V1alpha3DeviceTaint {
  readonly "effect": string;
  readonly "key": string;
  readonly "timeAdded"?: string;
  readonly "value"?: string;
}

export interface V1alpha3DeviceTaintRule {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1alpha3DeviceTaintRuleSpec;
  readonly "status"?: V1alpha3DeviceTaintRuleStatus;
}

export interface V1alpha3DeviceTaintRuleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha3DeviceTaintRule>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha3DeviceTaintRuleSpec {
  readonly "deviceSelector"?: V1alpha3DeviceTaintSelector;
  readonly "taint": V1alpha3DeviceTaint;
}

export interface V1alpha3DeviceTaintRuleStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
}

export interface V1alpha3DeviceTaintSelector {
  readonly "device"?: string;
  readonly "driver"?: string;
  readonly "pool"?: string;
}

export interface V1alpha3PoolStatus {
  readonly "allocatedDevices"?: number;
  readonly "availableDevices"?: number;
  readonly "driver": string;
  readonly "generation": number;
  readonly "nodeName"?: string;
  readonly "poolName": string;
  readonly "resourceSliceCount"?: number;
  readonly "totalDevices"?: number;
  readonly "unavailableDevices"?: number;
  readonly "validationError"?: string;
}

export interface V1alpha3ResourcePoolStatusRequest {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata": V1ObjectMeta;
  readonly "spec": V1alpha3ResourcePoolStatusRequestSpec;
  readonly "status"?: V1alpha3ResourcePoolStatusRequestStatus;
}

export interface V1alpha3ResourcePoolStatusRequestList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1alpha3ResourcePoolStatusRequest>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1alpha3ResourcePoolStatusRequestSpec {
  readonly "driver": string;
  readonly "limit"?: number;
  readonly "poolName"?: string;
}

export interface V1alpha3ResourcePoolStatusRequestStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "poolCount": number;
  readonly "pools"?: ReadonlyArray<V1alpha3PoolStatus>;
}

export interface V1beta1AllocatedDeviceStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "data"?: unknown;
  readonly "device": string;
  readonly "driver": string;
  readonly "networkData"?: V1beta1NetworkDeviceData;
  readonly "pool": string;
  readonly "shareID"?: string;
}

export interface V1beta1AllocationResult {
  readonly "allocationTimestamp"?: string;
  readonly "devices"?: V1beta1DeviceAllocationResult;
  readonly "nodeSelector"?: V1NodeSelector;
}

export interface V1beta1ApplyConfiguration {
  readonly "expression"?: string;
}

export interface V1beta1BasicDevice {
  readonly "allNodes"?: boolean;
  readonly "allowMultipleAllocations"?: boolean;
  readonly "attributes"?: Readonly<Record<string, V1beta1DeviceAttribute>>;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "bindsToNode"?: boolean;
  readonly "capacity"?: Readonly<Record<string, V1beta1DeviceCapacity>>;
  readonly "consumesCounters"?: ReadonlyArray<V1beta1DeviceCounterConsumption>;
  readonly "nodeAllocatableResourceMappings"?: Readonly<Record<string, V1beta1NodeAllocatableResourceMapping>>;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "taints"?: ReadonlyArray<V1beta1DeviceTaint>;
}

export interface V1beta1CELDeviceSelector {
  readonly "expression": string;
}

export interface V1beta1CapacityRequestPolicy {
  readonly "default"?: string;
  readonly "validRange"?: V1beta1CapacityRequestPolicyRange;
  readonly "validValues"?: ReadonlyArray<string>;
}

export interface V1beta1CapacityRequestPolicyRange {
  readonly "max"?: string;
  readonly "min": string;
  readonly "step"?: string;
}

export interface V1beta1CapacityRequirements {
  readonly "requests"?: Readonly<Record<string, string>>;
}

export interface V1beta1ClusterTrustBundle {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1ClusterTrustBundleSpec;
}

export interface V1beta1ClusterTrustBundleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1ClusterTrustBundle>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1ClusterTrustBundleSpec {
  readonly "signerName"?: string;
  readonly "trustBundle": string;
}

export interface V1beta1Counter {
  readonly "value": string;
}

export interface V1beta1CounterSet {
  readonly "counters": Readonly<Record<string, V1beta1Counter>>;
  readonly "name": string;
}

export interface V1beta1Device {
  readonly "basic"?: V1beta1BasicDevice;
  readonly "name": string;
}

export interface V1beta1DeviceAllocationConfiguration {
  readonly "opaque"?: V1beta1OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
  readonly "source": string;
}

export interface V1beta1DeviceAllocationResult {
  readonly "config"?: ReadonlyArray<V1beta1DeviceAllocationConfiguration>;
  readonly "results"?: ReadonlyArray<V1beta1DeviceRequestAllocationResult>;
}

export interface V1beta1DeviceAttribute {
  readonly "bool"?: boolean;
  readonly "bools"?: ReadonlyArray<boolean>;
  readonly "int"?: number;
  readonly "ints"?: ReadonlyArray<number>;
  readonly "string"?: string;
  readonly "strings"?: ReadonlyArray<string>;
  readonly "version"?: string;
  readonly "versions"?: ReadonlyArray<string>;
}

export interface V1beta1DeviceCapacity {
  readonly "requestPolicy"?: V1beta1CapacityRequestPolicy;
  readonly "value": string;
}

export interface V1beta1DeviceClaim {
  readonly "config"?: ReadonlyArray<V1beta1DeviceClaimConfiguration>;
  readonly "constraints"?: ReadonlyArray<V1beta1DeviceConstraint>;
  readonly "requests"?: ReadonlyArray<V1beta1DeviceRequest>;
}

export interface V1beta1DeviceClaimConfiguration {
  readonly "opaque"?: V1beta1OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1beta1DeviceClass {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1DeviceClassSpec;
}

export interface V1beta1DeviceClassConfiguration {
  readonly "opaque"?: V1beta1OpaqueDeviceConfiguration;
}

export interface V1beta1DeviceClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1DeviceClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1DeviceClassSpec {
  readonly "config"?: ReadonlyArray<V1beta1DeviceClassConfiguration>;
  readonly "extendedResourceName"?: string;
  readonly "selectors"?: ReadonlyArray<V1beta1DeviceSelector>;
}

export interface V1beta1DeviceConstraint {
  readonly "distinctAttribute"?: string;
  readonly "matchAttribute"?: string;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1beta1DeviceCounterConsumption {
  readonly "counterSet": string;
  readonly "counters": Readonly<Record<string, V1beta1Counter>>;
}

export interface V1beta1DeviceRequest {
  readonly "adminAccess"?: boolean;
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1beta1CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName"?: string;
  readonly "firstAvailable"?: ReadonlyArray<V1beta1DeviceSubRequest>;
  readonly "name": string;
  readonly "selectors"?: ReadonlyArray<V1beta1DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1beta1DeviceToleration>;
}

export interface V1beta1DeviceRequestAllocationResult {
  readonly "adminAccess"?: boolean;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "consumedCapacity"?: Readonly<Record<string, string>>;
  readonly "device": string;
  readonly "driver": string;
  readonly "pool": string;
  readonly "request": string;
  readonly "shareID"?: string;
  readonly "tolerations"?: ReadonlyArray<V1beta1DeviceToleration>;
}

export interface V1beta1DeviceSelector {
  readonly "cel"?: V1beta1CELDeviceSelector;
}

export interface V1beta1DeviceSubRequest {
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1beta1CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName": string;
  readonly "name": string;
  readonly "selectors"?: ReadonlyArray<V1beta1DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1beta1DeviceToleration>;
}

export interface V1beta1DeviceTaint {
  readonly "effect": string;
  readonly "key": string;
  readonly "timeAdded"?: string;
  readonly "value"?: string;
}

export interface V1beta1DeviceToleration {
  readonly "effect"?: string;
  readonly "key"?: string;
  readonly "operator"?: string;
  readonly "tolerationSeconds"?: number;
  readonly "value"?: string;
}

export interface V1beta1IPAddress {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1IPAddressSpec;
}

export interface V1beta1IPAddressList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1IPAddress>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1IPAddressSpec {
  readonly "parentRef": V1beta1ParentReference;
}

export interface V1beta1JSONPatch {
  readonly "expression"?: string;
}

export interface V1beta1LeaseCandidate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1LeaseCandidateSpec;
}

export interface V1beta1LeaseCandidateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1LeaseCandidate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1LeaseCandidateSpec {
  readonly "binaryVersion": string;
  readonly "emulationVersion"?: string;
  readonly "leaseName": string;
  readonly "pingTime"?: string;
  readonly "renewTime"?: string;
  readonly "strategy": string;
}

export interface V1beta1MatchCondition {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1beta1MatchResources {
  readonly "excludeResourceRules"?: ReadonlyArray<V1beta1NamedRuleWithOperations>;
  readonly "matchPolicy"?: string;
  readonly "namespaceSelector"?: V1LabelSelector;
  readonly "objectSelector"?: V1LabelSelector;
  readonly "resourceRules"?: ReadonlyArray<V1beta1NamedRuleWithOperations>;
}

export interface V1beta1MutatingAdmissionPolicy {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1beta1MutatingAdmissionPolicySpec;
}

export interface V1beta1MutatingAdmissionPolicyBinding {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1beta1MutatingAdmissionPolicyBindingSpec;
}

export interface V1beta1MutatingAdmissionPolicyBindingList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1MutatingAdmissionPolicyBinding>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1MutatingAdmissionPolicyBindingSpec {
  readonly "matchResources"?: V1beta1MatchResources;
  readonly "paramRef"?: V1beta1ParamRef;
  readonly "policyName"?: string;
}

export interface V1beta1MutatingAdmissionPolicyList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1MutatingAdmissionPolicy>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1MutatingAdmissionPolicySpec {
  readonly "failurePolicy"?: string;
  readonly "matchConditions"?: ReadonlyArray<V1beta1MatchCondition>;
  readonly "matchConstraints"?: V1beta1MatchResources;
  readonly "mutations"?: ReadonlyArray<V1beta1Mutation>;
  readonly "paramKind"?: V1beta1ParamKind;
  readonly "reinvocationPolicy"?: string;
  readonly "variables"?: ReadonlyArray<V1beta1Variable>;
}

export interface V1beta1Mutation {
  readonly "applyConfiguration"?: V1beta1ApplyConfiguration;
  readonly "jsonPatch"?: V1beta1JSONPatch;
  readonly "patchType": string;
}

export interface V1beta1NamedRuleWithOperations {
  readonly "apiGroups"?: ReadonlyArray<string>;
  readonly "apiVersions"?: ReadonlyArray<string>;
  readonly "operations"?: ReadonlyArray<string>;
  readonly "resourceNames"?: ReadonlyArray<string>;
  readonly "resources"?: ReadonlyArray<string>;
  readonly "scope"?: string;
}

export interface V1beta1NetworkDeviceData {
  readonly "hardwareAddress"?: string;
  readonly "interfaceName"?: string;
  readonly "ips"?: ReadonlyArray<string>;
}

export interface V1beta1NodeAllocatableResourceMapping {
  readonly "allocationMultiplier"?: string;
  readonly "capacityKey"?: string;
}

export interface V1beta1OpaqueDeviceConfiguration {
  readonly "driver": string;
  readonly "parameters": unknown;
}

export interface V1beta1ParamKind {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
}

export interface V1beta1ParamRef {
  readonly "name"?: string;
  readonly "namespace"?: string;
  readonly "parameterNotFoundAction"?: string;
  readonly "selector"?: V1LabelSelector;
}

export interface V1beta1ParentReference {
  readonly "group"?: string;
  readonly "name": string;
  readonly "namespace"?: string;
  readonly "resource": string;
}

export interface V1beta1PodCertificateRequest {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1PodCertificateRequestSpec;
  readonly "status"?: V1beta1PodCertificateRequestStatus;
}

export interface V1beta1PodCertificateRequestList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1PodCertificateRequest>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1PodCertificateRequestSpec {
  readonly "maxExpirationSeconds"?: number;
  readonly "nodeName": string;
  readonly "nodeUID": string;
  readonly "pkixPublicKey"?: string;
  readonly "podName": string;
  readonly "podUID": string;
  readonly "proofOfPossession"?: string;
  readonly "serviceAccountName": string;
  readonly "serviceAccountUID": string;
  readonly "signerName": string;
  readonly "stubPKCS10Request": string;
  readonly "unverifiedUserAnnotations"?: Readonly<Record<string, string>>;
}

export interface V1beta1PodCertificateRequestStatus {
  readonly "beginRefreshAt"?: string;
  readonly "certificateChain"?: string;
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "notAfter"?: string;
  readonly "notBefore"?: string;
}

export interface V1beta1ResourceClaim {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1ResourceClaimSpec;
  readonly "status"?: V1beta1ResourceClaimStatus;
}

export interface V1beta1ResourceClaimConsumerReference {
  readonly "apiGroup"?: string;
  readonly "name": string;
  readonly "resource": string;
  readonly "uid": string;
}

export interface V1beta1ResourceClaimList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1ResourceClaim>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1ResourceClaimSpec {
  readonly "devices"?: V1beta1DeviceClaim;
}

export interface V1beta1ResourceClaimStatus {
  readonly "allocation"?: V1beta1AllocationResult;
  readonly "devices"?: ReadonlyArray<V1beta1AllocatedDeviceStatus>;
  readonly "reservedFor"?: ReadonlyArray<V1beta1ResourceClaimConsumerReference>;
}

export interface V1beta1ResourceClaimTemplate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1ResourceClaimTemplateSpec;
}

export interface V1beta1ResourceClaimTemplateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1ResourceClaimTemplate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1ResourceClaimTemplateSpec {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1ResourceClaimSpec;
}

export interface V1beta1ResourcePool {
  readonly "generation": number;
  readonly "name": string;
  readonly "resourceSliceCount": number;
}

export interface V1beta1ResourceSlice {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta1ResourceSliceSpec;
}

export interface V1beta1ResourceSliceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1ResourceSlice>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1ResourceSliceSpec {
  readonly "allNodes"?: boolean;
  readonly "devices"?: ReadonlyArray<V1beta1Device>;
  readonly "driver": string;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "perDeviceNodeSelection"?: boolean;
  readonly "pool": V1beta1ResourcePool;
  readonly "sharedCounters"?: ReadonlyArray<V1beta1CounterSet>;
}

export interface V1beta1ServiceCIDR {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1beta1ServiceCIDRSpec;
  readonly "status"?: V1beta1ServiceCIDRStatus;
}

export interface V1beta1ServiceCIDRList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1ServiceCIDR>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1ServiceCIDRSpec {
  readonly "cidrs"?: ReadonlyArray<string>;
}

export interface V1beta1ServiceCIDRStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
}

export interface V1beta1StorageVersionMigration {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec"?: V1beta1StorageVersionMigrationSpec;
  readonly "status"?: V1beta1StorageVersionMigrationStatus;
}

export interface V1beta1StorageVersionMigrationList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1StorageVersionMigration>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta1StorageVersionMigrationSpec {
  readonly "resource": V1GroupResource;
}

export interface V1beta1StorageVersionMigrationStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "resourceVersion"?: string;
}

export interface V1beta1Variable {
  readonly "expression": string;
  readonly "name": string;
}

export interface V1beta1VolumeAttributesClass {
  readonly "apiVersion"?: string;
  readonly "driverName": string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "parameters"?: Readonly<Record<string, string>>;
}

export interface V1beta1VolumeAttributesClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta1VolumeAttributesClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2AllocatedDeviceStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
  readonly "data"?: unknown;
  readonly "device": string;
  readonly "driver": string;
  readonly "networkData"?: V1beta2NetworkDeviceData;
  readonly "pool": string;
  readonly "shareID"?: string;
}

export interface V1beta2AllocationResult {
  readonly "allocationTimestamp"?: string;
  readonly "devices"?: V1beta2DeviceAllocationResult;
  readonly "nodeSelector"?: V1NodeSelector;
}

export interface V1beta2CELDeviceSelector {
  readonly "expression": string;
}

export interface V1beta2CapacityRequestPolicy {
  readonly "default"?: string;
  readonly "validRange"?: V1beta2CapacityRequestPolicyRange;
  readonly "validValues"?: ReadonlyArray<string>;
}

export interface V1beta2CapacityRequestPolicyRange {
  readonly "max"?: string;
  readonly "min": string;
  readonly "step"?: string;
}

export interface V1beta2CapacityRequirements {
  readonly "requests"?: Readonly<Record<string, string>>;
}

export interface V1beta2Counter {
  readonly "value": string;
}

export interface V1beta2CounterSet {
  readonly "counters": Readonly<Record<string, V1beta2Counter>>;
  readonly "name": string;
}

export interface V1beta2Device {
  readonly "allNodes"?: boolean;
  readonly "allowMultipleAllocations"?: boolean;
  readonly "attributes"?: Readonly<Record<string, V1beta2DeviceAttribute>>;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "bindsToNode"?: boolean;
  readonly "capacity"?: Readonly<Record<string, V1beta2DeviceCapacity>>;
  readonly "consumesCounters"?: ReadonlyArray<V1beta2DeviceCounterConsumption>;
  readonly "name": string;
  readonly "nodeAllocatableResourceMappings"?: Readonly<Record<string, V1beta2NodeAllocatableResourceMapping>>;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "taints"?: ReadonlyArray<V1beta2DeviceTaint>;
}

export interface V1beta2DeviceAllocationConfiguration {
  readonly "opaque"?: V1beta2OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
  readonly "source": string;
}

export interface V1beta2DeviceAllocationResult {
  readonly "config"?: ReadonlyArray<V1beta2DeviceAllocationConfiguration>;
  readonly "results"?: ReadonlyArray<V1beta2DeviceRequestAllocationResult>;
}

export interface V1beta2DeviceAttribute {
  readonly "bool"?: boolean;
  readonly "bools"?: ReadonlyArray<boolean>;
  readonly "int"?: number;
  readonly "ints"?: ReadonlyArray<number>;
  readonly "string"?: string;
  readonly "strings"?: ReadonlyArray<string>;
  readonly "version"?: string;
  readonly "versions"?: ReadonlyArray<string>;
}

export interface V1beta2DeviceCapacity {
  readonly "requestPolicy"?: V1beta2CapacityRequestPolicy;
  readonly "value": string;
}

export interface V1beta2DeviceClaim {
  readonly "config"?: ReadonlyArray<V1beta2DeviceClaimConfiguration>;
  readonly "constraints"?: ReadonlyArray<V1beta2DeviceConstraint>;
  readonly "requests"?: ReadonlyArray<V1beta2DeviceRequest>;
}

export interface V1beta2DeviceClaimConfiguration {
  readonly "opaque"?: V1beta2OpaqueDeviceConfiguration;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1beta2DeviceClass {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2DeviceClassSpec;
}

export interface V1beta2DeviceClassConfiguration {
  readonly "opaque"?: V1beta2OpaqueDeviceConfiguration;
}

export interface V1beta2DeviceClassList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta2DeviceClass>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2DeviceClassSpec {
  readonly "config"?: ReadonlyArray<V1beta2DeviceClassConfiguration>;
  readonly "extendedResourceName"?: string;
  readonly "selectors"?: ReadonlyArray<V1beta2DeviceSelector>;
}

export interface V1beta2DeviceConstraint {
  readonly "distinctAttribute"?: string;
  readonly "matchAttribute"?: string;
  readonly "requests"?: ReadonlyArray<string>;
}

export interface V1beta2DeviceCounterConsumption {
  readonly "counterSet": string;
  readonly "counters": Readonly<Record<string, V1beta2Counter>>;
}

export interface V1beta2DeviceRequest {
  readonly "exactly"?: V1beta2ExactDeviceRequest;
  readonly "firstAvailable"?: ReadonlyArray<V1beta2DeviceSubRequest>;
  readonly "name": string;
}

export interface V1beta2DeviceRequestAllocationResult {
  readonly "adminAccess"?: boolean;
  readonly "bindingConditions"?: ReadonlyArray<string>;
  readonly "bindingFailureConditions"?: ReadonlyArray<string>;
  readonly "consumedCapacity"?: Readonly<Record<string, string>>;
  readonly "device": string;
  readonly "driver": string;
  readonly "pool": string;
  readonly "request": string;
  readonly "shareID"?: string;
  readonly "tolerations"?: ReadonlyArray<V1beta2DeviceToleration>;
}

export interface V1beta2DeviceSelector {
  readonly "cel"?: V1beta2CELDeviceSelector;
}

export interface V1beta2DeviceSubRequest {
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1beta2CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName": string;
  readonly "name": string;
  readonly "selectors"?: ReadonlyArray<V1beta2DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1beta2DeviceToleration>;
}

export interface V1beta2DeviceTaint {
  readonly "effect": string;
  readonly "key": string;
  readonly "timeAdded"?: string;
  readonly "value"?: string;
}

export interface V1beta2DeviceTaintRule {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2DeviceTaintRuleSpec;
  readonly "status"?: V1beta2DeviceTaintRuleStatus;
}

export interface V1beta2DeviceTaintRuleList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta2DeviceTaintRule>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2DeviceTaintRuleSpec {
  readonly "deviceSelector"?: V1beta2DeviceTaintSelector;
  readonly "taint": V1beta2DeviceTaint;
}

export interface V1beta2DeviceTaintRuleStatus {
  readonly "conditions"?: ReadonlyArray<V1Condition>;
}

export interface V1beta2DeviceTaintSelector {
  readonly "device"?: string;
  readonly "driver"?: string;
  readonly "pool"?: string;
}

export interface V1beta2DeviceToleration {
  readonly "effect"?: string;
  readonly "key"?: string;
  readonly "operator"?: string;
  readonly "tolerationSeconds"?: number;
  readonly "value"?: string;
}

export interface V1beta2ExactDeviceRequest {
  readonly "adminAccess"?: boolean;
  readonly "allocationMode"?: string;
  readonly "capacity"?: V1beta2CapacityRequirements;
  readonly "count"?: number;
  readonly "deviceClassName": string;
  readonly "selectors"?: ReadonlyArray<V1beta2DeviceSelector>;
  readonly "tolerations"?: ReadonlyArray<V1beta2DeviceToleration>;
}

export interface V1beta2NetworkDeviceData {
  readonly "hardwareAddress"?: string;
  readonly "interfaceName"?: string;
  readonly "ips"?: ReadonlyArray<string>;
}

export interface V1beta2NodeAllocatableResourceMapping {
  readonly "allocationMultiplier"?: string;
  readonly "capacityKey"?: string;
}

export interface V1beta2OpaqueDeviceConfiguration {
  readonly "driver": string;
  readonly "parameters": unknown;
}

export interface V1beta2ResourceClaim {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2ResourceClaimSpec;
  readonly "status"?: V1beta2ResourceClaimStatus;
}

export interface V1beta2ResourceClaimConsumerReference {
  readonly "apiGroup"?: string;
  readonly "name": string;
  readonly "resource": string;
  readonly "uid": string;
}

export interface V1beta2ResourceClaimList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta2ResourceClaim>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2ResourceClaimSpec {
  readonly "devices"?: V1beta2DeviceClaim;
}

export interface V1beta2ResourceClaimStatus {
  readonly "allocation"?: V1beta2AllocationResult;
  readonly "devices"?: ReadonlyArray<V1beta2AllocatedDeviceStatus>;
  readonly "reservedFor"?: ReadonlyArray<V1beta2ResourceClaimConsumerReference>;
}

export interface V1beta2ResourceClaimTemplate {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2ResourceClaimTemplateSpec;
}

export interface V1beta2ResourceClaimTemplateList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta2ResourceClaimTemplate>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2ResourceClaimTemplateSpec {
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2ResourceClaimSpec;
}

export interface V1beta2ResourcePool {
  readonly "generation": number;
  readonly "name": string;
  readonly "resourceSliceCount": number;
}

export interface V1beta2ResourceSlice {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V1beta2ResourceSliceSpec;
}

export interface V1beta2ResourceSliceList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V1beta2ResourceSlice>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V1beta2ResourceSliceSpec {
  readonly "allNodes"?: boolean;
  readonly "devices"?: ReadonlyArray<V1beta2Device>;
  readonly "driver": string;
  readonly "nodeName"?: string;
  readonly "nodeSelector"?: V1NodeSelector;
  readonly "perDeviceNodeSelection"?: boolean;
  readonly "pool": V1beta2ResourcePool;
  readonly "sharedCounters"?: ReadonlyArray<V1beta2CounterSet>;
}

export interface V2ContainerResourceMetricSource {
  readonly "container": string;
  readonly "name": string;
  readonly "target": V2MetricTarget;
}

export interface V2ContainerResourceMetricStatus {
  readonly "container": string;
  readonly "current": V2MetricValueStatus;
  readonly "name": string;
}

export interface V2CrossVersionObjectReference {
  readonly "apiVersion"?: string;
  readonly "kind": string;
  readonly "name": string;
}

export interface V2ExternalMetricSource {
  readonly "metric": V2MetricIdentifier;
  readonly "target": V2MetricTarget;
}

export interface V2ExternalMetricStatus {
  readonly "current": V2MetricValueStatus;
  readonly "metric": V2MetricIdentifier;
}

export interface V2HPAScalingPolicy {
  readonly "periodSeconds": number;
  readonly "type": string;
  readonly "value": number;
}

export interface V2HPAScalingRules {
  readonly "policies"?: ReadonlyArray<V2HPAScalingPolicy>;
  readonly "selectPolicy"?: string;
  readonly "stabilizationWindowSeconds"?: number;
  readonly "tolerance"?: string;
}

export interface V2HorizontalPodAutoscaler {
  readonly "apiVersion"?: string;
  readonly "kind"?: string;
  readonly "metadata"?: V1ObjectMeta;
  readonly "spec": V2HorizontalPodAutoscalerSpec;
  readonly "status"?: V2HorizontalPodAutoscalerStatus;
}

export interface V2HorizontalPodAutoscalerBehavior {
  readonly "scaleDown"?: V2HPAScalingRules;
  readonly "scaleUp"?: V2HPAScalingRules;
}

export interface V2HorizontalPodAutoscalerCondition {
  readonly "lastTransitionTime"?: string | null;
  readonly "message"?: string;
  readonly "reason"?: string;
  readonly "status": string;
  readonly "type": string;
}

export interface V2HorizontalPodAutoscalerList {
  readonly "apiVersion"?: string;
  readonly "items": ReadonlyArray<V2HorizontalPodAutoscaler>;
  readonly "kind"?: string;
  readonly "metadata"?: V1ListMeta;
}

export interface V2HorizontalPodAutoscalerSpec {
  readonly "behavior"?: V2HorizontalPodAutoscalerBehavior;
  readonly "maxReplicas": number;
  readonly "metrics"?: ReadonlyArray<V2MetricSpec>;
  readonly "minReplicas"?: number;
  readonly "scaleTargetRef": V2CrossVersionObjectReference;
}

export interface V2HorizontalPodAutoscalerStatus {
  readonly "conditions"?: ReadonlyArray<V2HorizontalPodAutoscalerCondition>;
  readonly "currentMetrics"?: ReadonlyArray<V2MetricStatus> | null;
  readonly "currentReplicas"?: number;
  readonly "desiredReplicas": number;
  readonly "lastScaleTime"?: string;
  readonly "observedGeneration"?: number;
}

export interface V2MetricIdentifier {
  readonly "name": string;
  readonly "selector"?: V1LabelSelector;
}

export interface V2MetricSpec {
  readonly "containerResource"?: V2ContainerResourceMetricSource;
  readonly "external"?: V2ExternalMetricSource;
  readonly "object"?: V2ObjectMetricSource;
  readonly "pods"?: V2PodsMetricSource;
  readonly "resource"?: V2ResourceMetricSource;
  readonly "type": string;
}

export interface V2MetricStatus {
  readonly "containerResource"?: V2ContainerResourceMetricStatus;
  readonly "external"?: V2ExternalMetricStatus;
  readonly "object"?: V2ObjectMetricStatus;
  readonly "pods"?: V2PodsMetricStatus;
  readonly "resource"?: V2ResourceMetricStatus;
  readonly "type": string;
}

export interface V2MetricTarget {
  readonly "averageUtilization"?: number;
  readonly "averageValue"?: string;
  readonly "type": string;
  readonly "value"?: string;
}

export interface V2MetricValueStatus {
  readonly "averageUtilization"?: number;
  readonly "averageValue"?: string;
  readonly "value"?: string;
}

export interface V2ObjectMetricSource {
  readonly "describedObject": V2CrossVersionObjectReference;
  readonly "metric": V2MetricIdentifier;
  readonly "target": V2MetricTarget;
}

export interface V2ObjectMetricStatus {
  readonly "current": V2MetricValueStatus;
  readonly "describedObject": V2CrossVersionObjectReference;
  readonly "metric": V2MetricIdentifier;
}

export interface V2PodsMetricSource {
  readonly "metric": V2MetricIdentifier;
  readonly "target": V2MetricTarget;
}

export interface V2PodsMetricStatus {
  readonly "current": V2MetricValueStatus;
  readonly "metric": V2MetricIdentifier;
}

export interface V2ResourceMetricSource {
  readonly "name": string;
  readonly "target": V2MetricTarget;
}

export interface V2ResourceMetricStatus {
  readonly "current": V2MetricValueStatus;
  readonly "name": string;
}

export interface VersionInfo {
  readonly "buildDate": string;
  readonly "compiler": string;
  readonly "emulationMajor"?: string;
  readonly "emulationMinor"?: string;
  readonly "gitCommit": string;
  readonly "gitTreeState": string;
  readonly "gitVersion": string;
  readonly "goVersion": string;
  readonly "major": string;
  readonly "minCompatibilityMajor"?: string;
  readonly "minCompatibilityMinor"?: string;
  readonly "minor": string;
  readonly "platform": string;
}
